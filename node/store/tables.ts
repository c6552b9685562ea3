/**
 * Every table of the node's database. A table is one byte in front of its keys. Numbers are
 * append-only: a number once given is never used for anything else, so an old database is never misread.
 *
 * Numbers of blocks inside keys are u64 big endian ({@link numberKey}), so that order of keys is order
 * of blocks. Hashes are 32 bytes, addresses 20. Who writes a table is the room in the heading.
 */
export const TABLES = {
  // store
  /** name (ASCII) -> value; `schema`: u8 version of this list */
  meta: 0x00,
  /** number of a write modulo 1024, u16 -> that number, u64 (store/write-numbers.ts) */
  writes: 0x01,

  // state
  /** name (ASCII) -> value; `head`: block number u64 ‖ state root; `oldest`: u64, the first block whose state is kept */
  stateMeta: 0x10,
  /** address -> record (state/record.ts) of the account (state/account-codec.ts) */
  accounts: 0x11,
  /** address ‖ keccak(slot) -> record of the value without leading zeros */
  slots: 0x12,
  /** path in nibbles, one a byte -> record of the Merkle node (state/trie-node.ts); a leaf's locator is its address */
  accountNodes: 0x13,
  /** address ‖ path in nibbles, one a byte -> record of the Merkle node; a leaf's locator is keccak(slot) */
  slotNodes: 0x14,
  /** code hash -> code */
  codes: 0x15,
  /** block number ‖ bucket u16 -> what is kept of the records that the block replaced (state/replaced-record.ts) */
  history: 0x16,
  /** block number -> number of its buckets in `history`, u16 ‖ the keys that it removed (state/history.ts) */
  changes: 0x17,

  // chain
  /** block hash -> encoded block */
  blocks: 0x20,
  /** block number -> block hash, of the canonical chain */
  canonical: 0x21,
  /** block hash -> encoded receipts */
  receipts: 0x22,
  /** transaction hash -> block number u64 ‖ index u32, canonical chain only */
  transactions: 0x23,
  /** label (`unsafe`, `safe`, `finalized`; ASCII) -> block number u64 ‖ block hash */
  labels: 0x24,

  // content
  /** keccak of a content -> its bytes */
  contents: 0x30,
  /** keccak of an artifact (adapters, feature shards) -> its bytes */
  artifacts: 0x31,

  // l1 and derivation
  /** L1 block number -> hash ‖ parent hash ‖ timestamp u64, of the L1 chain that was derived from */
  l1Blocks: 0x40,
  /** L1 block number u64 -> hash and number of the safe head after deriving from it */
  safeHeads: 0x41,
  /** name (ASCII) -> derivation's own bookkeeping */
  derivationMeta: 0x42,

  // network
  /** name (ASCII) -> value; `privateKey`: libp2p identity */
  networkMeta: 0x50,
  /** peer id -> last known multiaddresses and score */
  peers: 0x51,
} as const

export type TableName = keyof typeof TABLES
export type Table = (typeof TABLES)[TableName]

/**
 * Raised whenever a table's meaning changes; a database with another number is refused.
 *
 *   1  every Merkle node whole, leaves with their values
 *   2  leaves point to the flat tables; records count their versions and keep marks; branches replaced by what changed
 */
export const SCHEMA_VERSION = 2
