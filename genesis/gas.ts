/**
 * Gas of native calls: what a call touches at the EVM's own prices, and what the node computes itself
 * at rates no cheaper per unit of time than the slowest precompile. One table, so that a reader can
 * tick it off against the EIPs.
 */
export const GAS = {
  /** EIP-2929: a slot's first touch in a transaction, and every later one. */
  coldSlot: 2_100n,
  warmSlot: 100n,
  /** EIP-2200 with EIP-3529: writes by original and current value. */
  storageSet: 20_000n,
  storageReset: 2_900n,
  /** EIP-2200: a write needs more than this left. */
  storageSentry: 2_300n,
  /** EIP-3529: refund for clearing a slot; and for putting back what a transaction found. */
  refundClear: 4_800n,
  refundRestoreEmpty: 19_900n,
  refundRestoreValue: 2_800n,
  /** LOG0…LOG4. */
  log: 375n,
  logTopic: 375n,
  logByte: 8n,
  /** KECCAK256. */
  keccak: 30n,
  keccakWord: 6n,
  /** A movement of wei without a call: EIP-2929's cold account, CALL's value price, and EIP-161's new account. */
  transfer: 11_600n,
  transferNewAccount: 25_000n,
  /** Decoding calldata: once a call, and for each word of 32 bytes. */
  dispatch: 400n,
  calldataWord: 20n,
  /** Encoding an answer, for each word. */
  returnWord: 6n,
  /** Recovering a signer (the ECRECOVER precompile) and hashing its typed data. */
  recoverSigner: 3_600n,
  /** 32 MinHash values over the 8-byte shingles of a content, for each byte; comparing two lists of them. */
  minhashByte: 8n,
  minhashCompare: 200n,
  /** Counting the shingles of two contents and what they have in common, for each byte of both. */
  shingleByte: 16n,
  /** A query's length and its product with a row, or two rows' agreement: the plain loop's 0.07 to 0.08 ms on a loaded core. */
  rowProduct: 16_000n,
  /** Checks and shares of one entry of a leaf. */
  entry: 300n,
} as const satisfies Record<string, bigint>

/** The maturing deposit records the epoch's randomness where at least this much gas is left: two cold slots, one set. */
export const RANDOMNESS_GAS = 40_000n
/** The maturing deposit stops before it starts an item with less gas than this left. */
export const MATURING_ITEM_GAS = 220_000n
