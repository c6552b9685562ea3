/**
 * A query in the order in which the shader reads it (scores-shader.ts). Per 64 dimensions 16 words i of four bytes b:
 *
 *     byte 64·pair + 4·i + b  =  coordinate 64·pair + 32·⌊i/8⌋ + i mod 8 + 8·b
 */

/** Offset within its 64 dimensions of the coordinate that stands at each byte. */
const ORDER = Uint8Array.from({ length: 64 }, (_, at) => {
  const [word, byte] = [at >> 2, at & 3]
  return 32 * (word >> 3) + (word & 7) + 8 * byte
})

/** Writes the query (a multiple of 64 coordinates) to as many bytes of `target` from `offset` on. */
export function packQuery(query: Int8Array, target: Int8Array, offset: number): void {
  for (let pair = 0; pair < query.length; pair += 64) {
    for (let at = 0; at < 64; at++) target[offset + pair + at] = query[pair + ORDER[at]!]!
  }
}
