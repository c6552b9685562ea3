/** Hand-written contracts for random blocks, each a few opcodes; "word n" is the n-th 32-byte word of the calldata. */

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'))

export const CONTRACTS = {
  /** storage[word 0] = word 1; storage[word 2] = word 3. */
  store: bytes('602035 600035 55  606035 604035 55 00'),
  /** storage[0..7] counted up, then slots 0..3 cleared: refunds. */
  churn: bytes('600160005401600055 600160015401600155 600160025401600255 600160035401600355 6000600055 6000600155 00'),
  /** LOG0, LOG1, LOG2 and LOG4 over the calldata. */
  log: bytes('366000600037 366000a0 600135 366000a1 602035 600035 366000a2 6004 6003 6002 6001 366000a4 00'),
  /** storage[1] = 1, then reverts with the calldata. */
  revert: bytes('6001600155 366000600037 366000fd'),
  /** CALL(gas, word 0, word 1 wei, rest of calldata); storage[result] = returndatasize; returns what came back. */
  call: bytes('604036036040600037 60006000 60403603 6000 602035 600035 5a f1 3d9055 3d600060003e 3d6000f3'),
  /** DELEGATECALL to word 0 with the rest; storage[5] = result. */
  delegate: bytes('602036036020600037 600060006020360360006000355af4 600555 3d600060003e 3d6000f3'),
  /** CALLCODE to word 0 with word 1 wei; storage[6] = result. */
  callcode: bytes('60006000600060006020356000355af2 600655 00'),
  /** STATICCALL to word 0 with the rest; storage[7] = result. */
  static: bytes('602036036020600037 600060006020360360006000355afa 600755 3d600060003e 3d6000f3'),
  /** CREATE with the calldata as init code and call value; storage[8] = address. */
  create: bytes('366000600037 36600034f0 600855 00'),
  /** CREATE2 with the calldata as init code and salt 1; storage[9] = address; then once more, which collides. */
  create2: bytes('366000600037 600136600034f5 600955 600136600034f5 600a55 00'),
  /** SELFDESTRUCT to word 0. */
  destroy: bytes('600035ff'),
  /** Transient storage, MCOPY, then storage[11] = what TLOAD gave. */
  transient: bytes('600135600b5d 602060006040 5e 600b5c600b55 00'),
  /** storage[n] = n-th of the environment's values. */
  environment: bytes(
    '42600055 43600155 44600255 45600355 46600455 47600555 48600655 3a600755 32600855 41600955 4a600a55 600035 31600b55 600035 3b600c55 600035 3f600d55 33600e55 34600f55 600143034060105500',
  ),
  /** Runs until its gas ends. */
  spin: bytes('5b600056'),
  /** 64 times: storage[12] = square of the hash of the counter. */
  arithmetic: bytes('6040 5b 80600052 6020600020 8002600c55 60019003 80600257 00'),
} as const

/** Init code that returns this runtime code. */
export function initCodeOf(runtime: Uint8Array): Uint8Array {
  const size = runtime.length.toString(16).padStart(4, '0')
  return new Uint8Array([...bytes(`61${size}80600a3d393df3`.padEnd(20, '0')), ...runtime])
}

export const INIT_CODES = {
  store: initCodeOf(CONTRACTS.store),
  call: initCodeOf(CONTRACTS.call),
  empty: new Uint8Array(),
  /** Reverts with 32 bytes. */
  reverting: bytes('60206000fd'),
  /** EIP-3541: code must not begin with 0xef. */
  reserved: bytes('60ef60005360016000f3'),
  /** EIP-170: code larger than 24,576 bytes. */
  oversized: bytes('6160016000f3'),
  /** Writes storage, then destroys itself in its own constructor. */
  stillborn: bytes('600160005533ff'),
  /** Writes storage and logs, and leaves no code. */
  codeless: bytes('6001600055 60006000a0 00'),
} as const
