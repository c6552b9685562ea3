/** Tensors: where floats lie in the kernel's memory and how they are to be read, row after row. Plain values; the floats stay. */
import type { Kernel } from './kernel.ts'

export type Shape = readonly number[]

export type Tensor = {
  /** Address of the first float, in bytes. */
  readonly offset: number
  /** Sizes, the slowest first. */
  readonly shape: Shape
}

export function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1)
}

/** The last size: how many floats a row has. 1 of a scalar. */
export function rowLength({ shape }: Tensor): number {
  return shape.at(-1) ?? 1
}

/** How many rows there are when all sizes but the last are taken together. */
export function rowCount({ shape }: Tensor): number {
  return sizeOf(shape.slice(0, -1))
}

/** A new tensor; what it holds is not defined. Throws MemoryBudgetError. */
export function allocate(kernel: Kernel, shape: Shape): Tensor {
  checkSizes(shape)
  return { offset: kernel.arena.allocate(sizeOf(shape) * 4), shape }
}

export function zeros(kernel: Kernel, shape: Shape): Tensor {
  const tensor = allocate(kernel, shape)
  view(kernel, tensor).fill(0)
  return tensor
}

/** A new tensor that holds `values`. */
export function tensorOf(kernel: Kernel, shape: Shape, values: ArrayLike<number>): Tensor {
  const tensor = allocate(kernel, shape)
  write(kernel, tensor, values)
  return tensor
}

/** The floats themselves. Use it at once: the view is void when the memory grows, that is after any allocation. */
export function view(kernel: Kernel, tensor: Tensor): Float32Array {
  checkTensor(kernel, 'tensor', tensor)
  return new Float32Array(kernel.memory.buffer, tensor.offset, sizeOf(tensor.shape))
}

/** A copy of the floats. */
export function read(kernel: Kernel, tensor: Tensor): Float32Array<ArrayBuffer> {
  return Float32Array.from(view(kernel, tensor))
}

export function write(kernel: Kernel, tensor: Tensor, values: ArrayLike<number>): void {
  const size = sizeOf(tensor.shape)
  if (values.length !== size)
    throw new RangeError(`${values.length} values for a tensor of ${size} (${shapeText(tensor.shape)})`)
  view(kernel, tensor).set(values)
}

/** The same floats under another shape. */
export function reshape(tensor: Tensor, shape: Shape): Tensor {
  checkSizes(shape)
  if (sizeOf(shape) !== sizeOf(tensor.shape))
    throw new RangeError(`cannot read ${shapeText(tensor.shape)} as ${shapeText(shape)}`)
  return { offset: tensor.offset, shape }
}

/** Entries first … last − 1 along the first size; the same floats. */
export function slice(tensor: Tensor, first: number, last: number): Tensor {
  const [count, ...rest] = tensor.shape
  if (
    count === undefined ||
    !Number.isInteger(first) ||
    !Number.isInteger(last) ||
    first < 0 ||
    last < first ||
    last > count
  )
    throw new RangeError(`no entries ${first} to ${last} in ${shapeText(tensor.shape)}`)
  return { offset: tensor.offset + first * sizeOf(rest) * 4, shape: [last - first, ...rest] }
}

/** Runs `work`, then frees all that it allocated. */
export function scoped<Result>(kernel: Kernel, work: () => Result): Result {
  const mark = kernel.arena.mark()
  try {
    return work()
  } finally {
    kernel.arena.release(mark)
  }
}

/** Throws where a tensor does not lie in memory that is allocated now. */
export function checkTensor(kernel: Kernel, name: string, { offset, shape }: Tensor): void {
  checkSizes(shape)
  const end = offset + sizeOf(shape) * 4
  if (!Number.isSafeInteger(offset) || offset % 4 !== 0 || offset < kernel.firstByte || end > kernel.arena.top)
    throw new RangeError(`${name} (${shapeText(shape)}) does not lie in allocated memory: was it released?`)
}

/** checkTensor, and the shape must be as said. */
export function checkShape(kernel: Kernel, name: string, tensor: Tensor, shape: Shape): void {
  const { shape: actual } = tensor
  if (actual.length !== shape.length || actual.some((size, i) => size !== shape[i]))
    throw new RangeError(`${name} is ${shapeText(actual)}, must be ${shapeText(shape)}`)
  checkTensor(kernel, name, tensor)
}

/** checkTensor, and there must be two sizes: rows and columns. */
export function checkMatrix(kernel: Kernel, name: string, tensor: Tensor): readonly [number, number] {
  const [rows, columns, ...more] = tensor.shape
  if (rows === undefined || columns === undefined || more.length > 0)
    throw new RangeError(`${name} is ${shapeText(tensor.shape)}, must be a matrix`)
  checkTensor(kernel, name, tensor)
  return [rows, columns]
}

/** Throws where an operation would overwrite what it still reads. `others` may be absent. */
export function checkApart(name: string, tensor: Tensor, others: Record<string, Tensor | undefined>): void {
  const end = tensor.offset + sizeOf(tensor.shape) * 4
  for (const [other, { offset, shape } = { offset: end, shape: [0] }] of Object.entries(others)) {
    if (offset < end && tensor.offset < offset + sizeOf(shape) * 4) throw new RangeError(`${name} overlaps ${other}`)
  }
}

function checkSizes(shape: Shape): void {
  const wrong = shape.find((size) => !Number.isInteger(size) || size < 0)
  if (wrong !== undefined) throw new RangeError(`a size of ${shapeText(shape)} is ${wrong}, must be a whole number`)
  if (sizeOf(shape) > MOST_FLOATS) throw new RangeError(`${shapeText(shape)} has more than ${MOST_FLOATS} floats`)
}

/** Counts must fit an i32 in the kernel; 4 GiB hold 2³⁰ floats. */
const MOST_FLOATS = 2 ** 30

export function shapeText(shape: Shape): string {
  return `[${shape.join(' × ')}]`
}
