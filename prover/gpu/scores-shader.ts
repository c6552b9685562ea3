/**
 * The scores kernel in WGSL. A set bit of a row selects its coordinate of the query, so that with `selected` = the sum of all
 * coordinates whose bit is set,
 *     raw = selected − (all − selected) = 2·selected − all
 * and the shader has only `selected` to find. `all` belongs to the query and is taken off afterwards (scores.ts).
 *
 * Bit t of a row's word (32 dimensions, little endian) is dimension t of it. (word >> j) & 0x01010101 has a byte of 0 or 1 for the
 * dimensions j, j + 8, j + 16 and j + 24: one dot4I8Packed with those four coordinates adds them up. query-words.ts
 * packs queries in that order.
 *
 * An invocation keeps 64 dimensions (two words) of its queries in registers, and passes over the rows of its workgroup:
 * rows are read once, in the order in which they lie. The 256 partial sums of a row and a query are then added up in workgroup
 * memory, and the sums of the slices of dimensions with an atomic addition. Integers, so the order does not matter.
 * Nothing overflows: |selected| ≤ 127 · dims.
 *
 *     workgroup x: 64 rows     y: a slice of 16,384 dimensions     z: a group of queries
 */

/** Invocations of a workgroup, each with 64 dimensions. */
export const LANES = 256
export const ROWS_PER_GROUP = 64
/** Pairs of words (64 dimensions each) that a workgroup covers. */
export const PAIRS_PER_SLICE = LANES
/** Sums (rows × queries) that a workgroup adds up at a time: what fits in 16 KiB beside their halfway sums, and divides LANES. */
const SUMS = 8

const times = (count: number, line: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n')

/** The shader for `queries` (1, 2, 4 or 8) queries per workgroup. */
export function scoresShader(queries: number): string {
  const rows = SUMS / queries
  const parts = LANES / SUMS
  return `
struct Shape { rows: u32, pairs: u32 }
@group(0) @binding(0) var<uniform> shape: Shape;
// [row][pair]
@group(0) @binding(1) var<storage, read> signs: array<vec2u>;
// [query][pair][word of the pair][j = 0-3, 4-7]
@group(0) @binding(2) var<storage, read> queries: array<vec4u>;
// [query][row]
@group(0) @binding(3) var<storage, read_write> selected: array<atomic<i32>>;

var<workgroup> partial: array<i32, ${SUMS * LANES}>;
var<workgroup> halfway: array<i32, ${LANES}>;

fn bits(word: u32, j: u32) -> u32 { return (word >> j) & 0x01010101u; }

@compute @workgroup_size(${LANES})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let pair = group.y * ${PAIRS_PER_SLICE}u + lane;
  let inside = pair < shape.pairs;
  // Invocations beyond the last dimension read the first pair, with coordinates of zero.
  let column = select(0u, pair, inside);
  let firstQuery = group.z * ${queries}u;
${times(
  queries,
  (q) => `
  let at${q} = ((firstQuery + ${q}u) * shape.pairs + column) * 4u;
${times(4, (i) => `  let q${q}_${i} = select(vec4u(), queries[at${q} + ${i}u], inside);`)}`,
)}
  let firstRow = group.x * ${ROWS_PER_GROUP}u;
  let lastRow = min(firstRow + ${ROWS_PER_GROUP}u, shape.rows) - 1u;
  for (var row = firstRow; row <= lastRow; row += ${rows}u) {
    // Rows beyond the last are read as the last, and their sums are dropped.
${times(rows, (r) => `    let s${r} = signs[min(row + ${r}u, lastRow) * shape.pairs + column];`)}
${times(
  rows,
  (r) => `    {
${times(16, (i) => `      let b${i} = bits(s${r}.${'xy'[i >> 3]}, ${i & 7}u);`)}
${times(queries, (q) => `      partial[${(r * queries + q) * LANES}u + lane] = ${dot(q)};`)}
    }`,
)}
    workgroupBarrier();
    // Sum n of ${SUMS} is added up by ${parts} invocations, then by one.
    let n = lane / ${parts}u;
    let part = lane % ${parts}u;
    var sum = 0;
${times(SUMS, (i) => `    sum += partial[n * ${LANES}u + ${i * parts}u + part];`)}
    halfway[lane] = sum;
    workgroupBarrier();
    if (lane < ${SUMS}u) {
      let ofRow = row + lane / ${queries}u;
      if (ofRow <= lastRow) {
        var total = 0;
        for (var i = 0u; i < ${parts}u; i++) { total += halfway[lane * ${parts}u + (i + lane) % ${parts}u]; }
        atomicAdd(&selected[(firstQuery + lane % ${queries}u) * shape.rows + ofRow], total);
      }
    }
  }
}
`
}

/** The sum of one query's selected coordinates in an invocation's 64 dimensions. */
function dot(query: number): string {
  const terms = Array.from({ length: 16 }, (_, i) => `dot4I8Packed(b${i}, q${query}_${i >> 2}.${'xyzw'[i & 3]})`)
  return terms.join(' + ')
}
