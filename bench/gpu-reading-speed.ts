/** How fast a GPU only reads its memory, in bytes per second: the limit for every kernel that reads rows once. */
import type { GpuDevice } from '../prover/gpu/device.ts'
import { BUFFER_USAGE } from '../prover/gpu/webgpu.ts'
import { median, seconds } from './measure.ts'

const GROUPS = 2_048
const GROUP_SIZE = 256
/** Writes nothing that the driver could know in advance, so that it must read everything. */
const SHADER = `
@group(0) @binding(0) var<storage, read> words: array<vec4u>;
@group(0) @binding(1) var<storage, read_write> out: array<atomic<u32>>;
@compute @workgroup_size(${GROUP_SIZE})
fn main(@builtin(global_invocation_id) id: vec3u) {
  var all = vec4u();
  for (var i = id.x; i < arrayLength(&words); i += ${GROUPS * GROUP_SIZE}u) { all ^= words[i]; }
  let folded = all.x ^ all.y ^ all.z ^ all.w;
  if (folded != 0u) { atomicXor(&out[0], folded); }
}`

/** Reads `buffers` buffers of `size` bytes in each of `rounds` rounds, after one that does not count. */
export async function gpuReadingSpeed(
  gpu: GpuDevice,
  { buffers, size, rounds }: { buffers: number; size: number; rounds: number },
): Promise<number> {
  const { device } = gpu
  const pipeline = await device.createComputePipelineAsync({
    layout: 'auto',
    compute: { module: device.createShaderModule({ code: SHADER }), entryPoint: 'main' },
  })
  const bytes = drawnOnce(size)
  const held = Array.from({ length: buffers }, () => {
    const source = device.createBuffer({ size, usage: BUFFER_USAGE.storage | BUFFER_USAGE.copyTarget })
    device.queue.writeBuffer(source, 0, bytes)
    const out = device.createBuffer({ size: 4, usage: BUFFER_USAGE.storage })
    const entries = [source, out].map((buffer, binding) => ({ binding, resource: { buffer } }))
    return { source, out, groups: device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }) }
  })
  await device.queue.onSubmittedWorkDone()
  const speeds: number[] = []
  for (let round = 0; round <= rounds; round++) {
    const elapsed = await seconds(async () => {
      const encoder = device.createCommandEncoder()
      const pass = encoder.beginComputePass()
      pass.setPipeline(pipeline)
      for (const { groups } of held) {
        pass.setBindGroup(0, groups)
        pass.dispatchWorkgroups(GROUPS)
      }
      pass.end()
      device.queue.submit([encoder.finish()])
      await device.queue.onSubmittedWorkDone()
    })
    if (round > 0) speeds.push((buffers * size) / elapsed)
  }
  for (const buffer of held.flatMap(({ source, out }) => [source, out])) buffer.destroy()
  if (gpu.failure) throw gpu.failure
  return median(speeds)
}

/** Not all zeros, which a GPU may keep compressed. */
function drawnOnce(size: number): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(size / 4).map((_, i) => Math.imul(i + 1, 2_654_435_761))
  return new Uint8Array(words.buffer)
}
