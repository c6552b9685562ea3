/**
 * Matrix products. Every element is the plain loop's, in every bit: it starts from +0 (or from what `out` holds, where products
 * accumulate) and adds a·b over ascending k, each product and each sum rounded to f32 (assembly/product.ts).
 * So a row of the result depends on its own row of A and on B only, never on how many rows there are.
 */
import type { Kernel } from './kernel.ts'
import { checkApart, checkMatrix, checkShape, type Tensor } from './tensor.ts'

/** a and b as the product names them; `out` overlaps neither. `accumulate`: out += instead of out =. */
export type MatmulOptions = { a: Tensor; b: Tensor; out: Tensor; accumulate?: boolean }

/** out [m × n] = A [m × k] · B [k × n] */
export function matmul(kernel: Kernel, options: MatmulOptions): void {
  const [m, k] = checkMatrix(kernel, 'a', options.a)
  const [terms, n] = checkMatrix(kernel, 'b', options.b)
  multiply(kernel, options, { m, n, k, terms, aRow: k, aStep: 1, bStep: n, bColumn: 1 })
}

/** out [m × n] = A [m × k] · Bᵀ, B [n × k]: how a linear layer of weight [out × in] answers its input. */
export function matmulTransposedB(kernel: Kernel, options: MatmulOptions): void {
  const [m, k] = checkMatrix(kernel, 'a', options.a)
  const [n, terms] = checkMatrix(kernel, 'b', options.b)
  multiply(kernel, options, { m, n, k, terms, aRow: k, aStep: 1, bStep: 1, bColumn: k })
}

/** out [m × n] = Aᵀ · B, A [k × m], B [k × n]: how gradients at a layer's output and its inputs make its weight's. */
export function matmulTransposedA(kernel: Kernel, options: MatmulOptions): void {
  const [k, m] = checkMatrix(kernel, 'a', options.a)
  const [terms, n] = checkMatrix(kernel, 'b', options.b)
  multiply(kernel, options, { m, n, k, terms, aRow: 1, aStep: m, bStep: n, bColumn: 1 })
}

/** Sizes, and how far (in floats) the next row, term and column are. */
type Layout = {
  m: number
  n: number
  k: number
  /** What k is for B. */
  terms: number
  aRow: number
  aStep: number
  bStep: number
  bColumn: number
}

function multiply(kernel: Kernel, { a, b, out, accumulate = false }: MatmulOptions, layout: Layout): void {
  const { m, n, k, terms, aRow, aStep, bStep, bColumn } = layout
  if (k !== terms) throw new RangeError(`a has ${k} terms for each element, b has ${terms}`)
  checkShape(kernel, 'out', out, [m, n])
  checkApart('out', out, { a, b })
  const tile = tileOf(m, n)
  const tiles = Math.ceil(m / tile.rows) * Math.ceil(n / tile.columns)
  kernel.run(
    'matmul',
    [
      ...([a.offset, aRow, aStep, b.offset, bStep, bColumn, out.offset, n] as const),
      ...([m, n, k, accumulate ? 1 : 0, tile.rows, tile.columns, kernel.rooms] as const),
    ],
    tiles,
    m * n * k,
  )
}

/** Tiles that threads take: as large as pays, but some eight of them where the matrix has as many. */
function tileOf(m: number, n: number): { rows: number; columns: number } {
  const tile = { rows: 128, columns: 256 }
  const tiles = () => Math.ceil(m / tile.rows) * Math.ceil(n / tile.columns)
  while (tiles() < 8 && tile.columns > 64) tile.columns /= 2
  while (tiles() < 8 && tile.rows > 32) tile.rows /= 2
  return tile
}
