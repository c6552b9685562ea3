/** Operations on floats one by one. All tensors of an operation have the same shape; the target may be any of the sources. */
import type { PartArguments, PartName } from './f32-exports.ts'
import type { Kernel } from './kernel.ts'
import { checkShape, checkTensor, sizeOf, type Tensor, view } from './tensor.ts'

/** Rough cost of one element, in multiply-adds. */
const PLAIN = 4
const WITH_EXP = 32

/** Checks that all tensors have the first one's shape, and runs over their floats. */
function runEach<Name extends PartName>(
  kernel: Kernel,
  tensors: Record<string, Tensor>,
  name: Name,
  args: PartArguments<Name>,
  cost: number,
): void {
  let first: Tensor | undefined
  for (const [label, tensor] of Object.entries(tensors)) {
    first ??= tensor
    checkShape(kernel, label, tensor, first.shape)
  }
  const units = first ? sizeOf(first.shape) : 0
  kernel.run(name, args, units, units * cost)
}

/** target = value */
export function fill(kernel: Kernel, target: Tensor, value: number): void {
  runEach(kernel, { target }, 'fill', [target.offset, value], 1)
}

/** target = x; the two may be shaped differently, as long as they have as many floats, and may overlap. */
export function copy(kernel: Kernel, { x, target }: { x: Tensor; target: Tensor }): void {
  checkTensor(kernel, 'x', x)
  checkTensor(kernel, 'target', target)
  if (sizeOf(x.shape) !== sizeOf(target.shape))
    throw new RangeError(`x has ${sizeOf(x.shape)} floats, target ${sizeOf(target.shape)}`)
  view(kernel, target).set(view(kernel, x))
}

/** target = a + b */
export function add(kernel: Kernel, { a, b, target }: { a: Tensor; b: Tensor; target: Tensor }): void {
  runEach(kernel, { a, b, target }, 'add', [a.offset, b.offset, target.offset], PLAIN)
}

/** target = a · b, each with each */
export function multiplyEach(kernel: Kernel, { a, b, target }: { a: Tensor; b: Tensor; target: Tensor }): void {
  runEach(kernel, { a, b, target }, 'multiplyEach', [a.offset, b.offset, target.offset], PLAIN)
}

/** target += factor · x */
export function addScaled(kernel: Kernel, { x, factor, target }: { x: Tensor; factor: number; target: Tensor }): void {
  runEach(kernel, { x, target }, 'addScaled', [target.offset, x.offset, factor], PLAIN)
}

/** target = factor · x */
export function scale(kernel: Kernel, { x, factor, target }: { x: Tensor; factor: number; target: Tensor }): void {
  runEach(kernel, { x, target }, 'scale', [x.offset, factor, target.offset], PLAIN)
}

/** target = e^x, within 1 ulp; 0 below ln 2⁻¹²⁶ (−87.3365…), Infinity above 88.7228…, NaN of NaN. */
export function exponentials(kernel: Kernel, { x, target }: { x: Tensor; target: Tensor }): void {
  runEach(kernel, { x, target }, 'exponentiate', [x.offset, target.offset], WITH_EXP)
}

/** target = 1/√x, within 1.5 ulp; Infinity of 0, NaN of negatives. */
export function inverseRoots(kernel: Kernel, { x, target }: { x: Tensor; target: Tensor }): void {
  runEach(kernel, { x, target }, 'inverseRoot', [x.offset, target.offset], PLAIN)
}

/** target = x·σ(x), σ(x) = 1/(1 + e^−x) */
export function silu(kernel: Kernel, { x, target }: { x: Tensor; target: Tensor }): void {
  runEach(kernel, { x, target }, 'silu', [x.offset, target.offset], WITH_EXP)
}

/** dX = dOut·σ(x)·(1 + x·(1 − σ(x))) */
export function siluBackward(kernel: Kernel, { x, dOut, dX }: { x: Tensor; dOut: Tensor; dX: Tensor }): void {
  runEach(kernel, { x, dOut, dX }, 'siluBackward', [x.offset, dOut.offset, dX.offset], WITH_EXP)
}

/** target = silu(gate)·up (Shazeer 2020) */
export function swiglu(kernel: Kernel, { gate, up, target }: { gate: Tensor; up: Tensor; target: Tensor }): void {
  runEach(kernel, { gate, up, target }, 'swiglu', [gate.offset, up.offset, target.offset], WITH_EXP)
}

/** dGate = dOut·up·silu′(gate), dUp = dOut·silu(gate); dGate and dUp are two tensors. */
export function swigluBackward(
  kernel: Kernel,
  tensors: { gate: Tensor; up: Tensor; dOut: Tensor; dGate: Tensor; dUp: Tensor },
): void {
  const { gate, up, dOut, dGate, dUp } = tensors
  if (dGate.offset === dUp.offset) throw new RangeError('dGate overlaps dUp')
  const args: PartArguments<'swigluBackward'> = [gate.offset, up.offset, dOut.offset, dGate.offset, dUp.offset]
  runEach(kernel, { gate, up, dOut, dGate, dUp }, 'swigluBackward', args, 2 * WITH_EXP)
}
