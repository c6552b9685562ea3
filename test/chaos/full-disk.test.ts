/**
 * A disk that is full: each node's data lie on a file system of their own (tmpfs, which takes the right to mount), and a file
 * beside them takes all the room there is. The node must stop and say why; with room again it goes on from its last block.
 */
import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasAnvil } from '../bridge/bridge-network.ts'
import { ChaosNetwork } from './chaos-network.ts'
import type { ChaosNode } from './chaos-node.ts'

const SIZE = '96m'
/** What the ballast grows by, in bytes. */
const STEP = 4_096

class Disk {
  readonly path: string
  private readonly ballast: string

  private constructor(path: string) {
    this.path = path
    this.ballast = join(path, 'ballast')
  }

  /** undefined where this process may not mount. */
  static mount(path: string): Disk | undefined {
    mkdirSync(path, { recursive: true })
    const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'tmpfs', path])
    return status === 0 ? new Disk(path) : undefined
  }

  fill(): void {
    const file = openSync(this.ballast, 'a')
    try {
      for (const bytes of [STEP * 256, STEP]) while (this.grows(file, bytes));
    } finally {
      closeSync(file)
    }
  }

  private grows(file: number, bytes: number): boolean {
    try {
      return writeSync(file, Buffer.alloc(bytes)) === bytes
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false
      throw error
    }
  }

  clear(): void {
    rmSync(this.ballast)
  }

  unmount(): void {
    spawnSync('umount', ['-l', this.path])
  }
}

const folder = mkdtempSync(join(tmpdir(), 'openledger-disks-'))
const disks = { sequencer: Disk.mount(join(folder, 'sequencer')), verifier: Disk.mount(join(folder, 'verifier')) }
const mounted = disks.sequencer !== undefined && disks.verifier !== undefined

afterAll(() => {
  disks.sequencer?.unmount()
  disks.verifier?.unmount()
  rmSync(folder, { recursive: true, force: true })
})

describe.skipIf(!hasAnvil || !mounted)('a full disk (skipped where this process may not mount a tmpfs)', () => {
  let network: ChaosNetwork
  beforeAll(async () => {
    const dataDirs = { sequencer: join(disks.sequencer!.path, 'data'), verifier: join(disks.verifier!.path, 'data') }
    network = await ChaosNetwork.start({ dataDirs })
    await network.startNodes()
    await network.agree()
  })
  afterAll(() => network.stop())

  /** Blocks that people had answers from: the newest that the node told of. */
  const lastOf = async (node: ChaosNode) => (await node.status()).unsafe_l2

  for (const [kind, other] of [
    ['sequencer', 'verifier'],
    ['verifier', 'sequencer'],
  ] as const) {
    it(`under a running ${kind}: it stops, says so, and goes on when there is room`, async () => {
      const node = network[kind]
      const last = await lastOf(node)
      disks[kind]!.fill()
      const { code, output } = await node.ended()
      expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(/No space left on device/) })
      expect(network[other].running).toBe(true)
      disks[kind]!.clear()
      await node.start()
      expect(await node.hashOf(last.number)).toBe(last.hash)
      await network.agree()
    })

    it(`when a ${kind} starts: it says so and ends, and starts when there is room`, async () => {
      const node = network[kind]
      await node.kill()
      disks[kind]!.fill()
      await expect(node.start()).rejects.toThrow(/exit code 1.*No space left on device/)
      disks[kind]!.clear()
      await node.start()
      await network.agree()
    })
  }
})
