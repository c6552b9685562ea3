/**
 * BLAKE2b's compression function F with a given number of rounds (EIP-152, RFC 7693, 3.2), in AssemblyScript.
 *
 *   memory  0 state h, 8 words · 64 message m, 16 words · 192 counter t, 2 words; all little endian
 *           256 the schedule · 512 the working vector, 16 words
 */

const M: usize = 64
const T: usize = 192
/** The working vector, 16 words. */
const V: usize = 512

/** Which word of the message comes where, for ten rounds. */
const SCHEDULE = memory.data<u8>([
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
  14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3,
  11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4,
  7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8,
  9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13,
  2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9,
  12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11,
  13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10,
  6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5,
  10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0,
])

/** The word of the message that the schedule has at this place. */
@inline function word(at: usize): u64 {
  return load<u64>(M + (<usize>load<u8>(at) << 3))
}

/** Lays out the working vector. */
export function begin(isLast: bool): void {
  store<u64>(V, load<u64>(0), 0)
  store<u64>(V, load<u64>(8), 8)
  store<u64>(V, load<u64>(16), 16)
  store<u64>(V, load<u64>(24), 24)
  store<u64>(V, load<u64>(32), 32)
  store<u64>(V, load<u64>(40), 40)
  store<u64>(V, load<u64>(48), 48)
  store<u64>(V, load<u64>(56), 56)
  store<u64>(V, 0x6a09e667f3bcc908, 64)
  store<u64>(V, 0xbb67ae8584caa73b, 72)
  store<u64>(V, 0x3c6ef372fe94f82b, 80)
  store<u64>(V, 0xa54ff53a5f1d36f1, 88)
  store<u64>(V, 0x510e527fade682d1 ^ load<u64>(T), 96)
  store<u64>(V, 0x9b05688c2b3e6c1f ^ load<u64>(T, 8), 104)
  store<u64>(V, isLast ? ~(<u64>0x1f83d9abfb41bd6b) : 0x1f83d9abfb41bd6b, 112)
  store<u64>(V, 0x5be0cd19137e2179, 120)
}

/** So many rounds from the schedule's beginning. Few a call: the engine puts fast code in the place of slow between calls alone. */
export function mix(rounds: u32): void {
  let v0: u64 = load<u64>(V, 0)
  let v1: u64 = load<u64>(V, 8)
  let v2: u64 = load<u64>(V, 16)
  let v3: u64 = load<u64>(V, 24)
  let v4: u64 = load<u64>(V, 32)
  let v5: u64 = load<u64>(V, 40)
  let v6: u64 = load<u64>(V, 48)
  let v7: u64 = load<u64>(V, 56)
  let v8: u64 = load<u64>(V, 64)
  let v9: u64 = load<u64>(V, 72)
  let v10: u64 = load<u64>(V, 80)
  let v11: u64 = load<u64>(V, 88)
  let v12: u64 = load<u64>(V, 96)
  let v13: u64 = load<u64>(V, 104)
  let v14: u64 = load<u64>(V, 112)
  let v15: u64 = load<u64>(V, 120)
  let at = SCHEDULE
  for (let round: u32 = 0; round < rounds; round++) {
    v0 += v4 + word(at)
    v12 = rotr<u64>(v12 ^ v0, 32)
    v8 += v12
    v4 = rotr<u64>(v4 ^ v8, 24)
    v0 += v4 + word(at + 1)
    v12 = rotr<u64>(v12 ^ v0, 16)
    v8 += v12
    v4 = rotr<u64>(v4 ^ v8, 63)
    v1 += v5 + word(at + 2)
    v13 = rotr<u64>(v13 ^ v1, 32)
    v9 += v13
    v5 = rotr<u64>(v5 ^ v9, 24)
    v1 += v5 + word(at + 3)
    v13 = rotr<u64>(v13 ^ v1, 16)
    v9 += v13
    v5 = rotr<u64>(v5 ^ v9, 63)
    v2 += v6 + word(at + 4)
    v14 = rotr<u64>(v14 ^ v2, 32)
    v10 += v14
    v6 = rotr<u64>(v6 ^ v10, 24)
    v2 += v6 + word(at + 5)
    v14 = rotr<u64>(v14 ^ v2, 16)
    v10 += v14
    v6 = rotr<u64>(v6 ^ v10, 63)
    v3 += v7 + word(at + 6)
    v15 = rotr<u64>(v15 ^ v3, 32)
    v11 += v15
    v7 = rotr<u64>(v7 ^ v11, 24)
    v3 += v7 + word(at + 7)
    v15 = rotr<u64>(v15 ^ v3, 16)
    v11 += v15
    v7 = rotr<u64>(v7 ^ v11, 63)
    v0 += v5 + word(at + 8)
    v15 = rotr<u64>(v15 ^ v0, 32)
    v10 += v15
    v5 = rotr<u64>(v5 ^ v10, 24)
    v0 += v5 + word(at + 9)
    v15 = rotr<u64>(v15 ^ v0, 16)
    v10 += v15
    v5 = rotr<u64>(v5 ^ v10, 63)
    v1 += v6 + word(at + 10)
    v12 = rotr<u64>(v12 ^ v1, 32)
    v11 += v12
    v6 = rotr<u64>(v6 ^ v11, 24)
    v1 += v6 + word(at + 11)
    v12 = rotr<u64>(v12 ^ v1, 16)
    v11 += v12
    v6 = rotr<u64>(v6 ^ v11, 63)
    v2 += v7 + word(at + 12)
    v13 = rotr<u64>(v13 ^ v2, 32)
    v8 += v13
    v7 = rotr<u64>(v7 ^ v8, 24)
    v2 += v7 + word(at + 13)
    v13 = rotr<u64>(v13 ^ v2, 16)
    v8 += v13
    v7 = rotr<u64>(v7 ^ v8, 63)
    v3 += v4 + word(at + 14)
    v14 = rotr<u64>(v14 ^ v3, 32)
    v9 += v14
    v4 = rotr<u64>(v4 ^ v9, 24)
    v3 += v4 + word(at + 15)
    v14 = rotr<u64>(v14 ^ v3, 16)
    v9 += v14
    v4 = rotr<u64>(v4 ^ v9, 63)
    at = at == SCHEDULE + 144 ? SCHEDULE : at + 16
  }
  store<u64>(V, v0, 0)
  store<u64>(V, v1, 8)
  store<u64>(V, v2, 16)
  store<u64>(V, v3, 24)
  store<u64>(V, v4, 32)
  store<u64>(V, v5, 40)
  store<u64>(V, v6, 48)
  store<u64>(V, v7, 56)
  store<u64>(V, v8, 64)
  store<u64>(V, v9, 72)
  store<u64>(V, v10, 80)
  store<u64>(V, v11, 88)
  store<u64>(V, v12, 96)
  store<u64>(V, v13, 104)
  store<u64>(V, v14, 112)
  store<u64>(V, v15, 120)
}

/** Folds the working vector into the state. */
export function end(): void {
  store<u64>(0, load<u64>(0) ^ load<u64>(V, 0) ^ load<u64>(V, 64))
  store<u64>(8, load<u64>(8) ^ load<u64>(V, 8) ^ load<u64>(V, 72))
  store<u64>(16, load<u64>(16) ^ load<u64>(V, 16) ^ load<u64>(V, 80))
  store<u64>(24, load<u64>(24) ^ load<u64>(V, 24) ^ load<u64>(V, 88))
  store<u64>(32, load<u64>(32) ^ load<u64>(V, 32) ^ load<u64>(V, 96))
  store<u64>(40, load<u64>(40) ^ load<u64>(V, 40) ^ load<u64>(V, 104))
  store<u64>(48, load<u64>(48) ^ load<u64>(V, 48) ^ load<u64>(V, 112))
  store<u64>(56, load<u64>(56) ^ load<u64>(V, 56) ^ load<u64>(V, 120))
}
