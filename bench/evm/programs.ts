/**
 * What `bench evm` runs: loops over one kind of work each, hand-assembled. A program is the code of one account; it counts
 * down from a number in its calldata's first word and stops.
 *
 *   PUSH0 CALLDATALOAD  JUMPDEST  body  PUSH1 1 SWAP1 SUB  DUP1 PUSH1 2 JUMPI  STOP
 *
 * A body finds the counter on the stack's top and leaves it there.
 */
import type { Address } from '../../genesis/addresses.ts'

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
const loop = (body: string) => bytes(`5f35 5b ${body} 600190 03 80 6002 57 00`)

/** Adds one to what it is given and returns it. */
const CALLEE: Address = `0x${'ca11e'.padStart(40, '0')}`

const WORD = 'f0e1d2c3b4a5968778695a4b3c2d1e0ff0e1d2c3b4a5968778695a4b3c2d1e0f'

export type Program = { name: string; at: Address; code: Uint8Array; rounds: bigint }

const at = (index: number): Address => `0x${(0xbe0000 + index).toString(16).padStart(40, '0')}`

export const PROGRAMS: Program[] = [
  {
    // x = counter² + W; x = x·W mod (W − x) …: MUL ADD XOR SHR DIV MULMOD ISZERO LT and the stack's own.
    name: 'arithmetic',
    body: `80 80 02 7f${WORD} 01 80 7f${WORD} 18 81 6007 1c 01 80 82 04 7f${WORD} 82 84 09 10 15 50 50 50`,
    rounds: 20_000n,
  },
  { name: 'keccak', body: '80 5f 52 6040 5f 20 6020 52', rounds: 20_000n },
  {
    // Words copied about in 8 KiB: MLOAD, MSTORE, MCOPY, MSTORE8.
    name: 'memory',
    body: '80 611fe0 16 80 51 82 01 81 611fe0 18 52 80 53 6040 610100 610800 5e',
    rounds: 20_000n,
  },
  // 64 slots, each read and counted up again and again.
  { name: 'storage', body: '80 603f 16 80 54 6001 01 90 55', rounds: 10_000n },
  // STATICCALL with 32 bytes in and out.
  { name: 'calls', body: `80 5f 52 6020 5f 6020 5f 73${CALLEE.slice(2)} 5a fa 50`, rounds: 10_000n },
].map(({ name, body, rounds }, index) => ({ name, at: at(index), code: loop(body), rounds }))

/** Every account with code. */
export const CODES: { address: Address; code: Uint8Array }[] = [
  ...PROGRAMS.map(({ at, code }) => ({ address: at, code })),
  { address: CALLEE, code: bytes('5f35 6001 01 5f 52 6020 5f f3') },
]
