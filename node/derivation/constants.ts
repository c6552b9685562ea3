/**
 * The derivation constants that no chain config changes, by their names in the OP Stack specification
 * (specs.optimism.io: "Derivation", Fjord, Granite, Ecotone). `channelTimeout`, `maxSequencerDrift` and
 * `seqWindowSize` stand in the chain config.
 */

/** First byte of a batcher transaction's payload: frames follow. */
export const DERIVATION_VERSION_0 = 0

/** Most bytes of `frame_data` in one frame. */
export const MAX_FRAME_LEN = 1_000_000

/** Bytes of a frame besides its data: id 16, number 2, length 4, is_last 1. */
export const FRAME_OVERHEAD = 23

/** What a buffered frame counts besides its data against the size of a channel. */
export const FRAME_MEMORY_OVERHEAD = 200

/** Fjord: limit of a channel's compressed size and of its decompressed bytes. */
export const MAX_RLP_BYTES_PER_CHANNEL = 100_000_000

/** First byte of a channel that is compressed with brotli (Fjord). */
export const CHANNEL_VERSION_BROTLI = 1

export const BATCH_VERSION_SINGULAR = 0
export const BATCH_VERSION_SPAN = 1

/** Fjord: most blocks, and most transactions, in one span batch. */
export const MAX_SPAN_BATCH_ELEMENT_COUNT = 10_000_000

/** EIP-4844. */
export const BLOB_BYTES = 131_072

/** Gas of the L1 attributes deposit since Regolith. */
export const L1_ATTRIBUTES_GAS = 1_000_000n

/** The portal's resource config: what deposits of one L1 block may take of an L2 block (docs/protocol.md, "Chain"). */
export const MAX_RESOURCE_LIMIT = 5_000_000n
export const SYSTEM_TX_MAX_GAS = 1_000_000n

/** Most gas of a maturing deposit. */
export const MAX_MATURING_GAS = 10_000_000n

/** Source-hash domains of deposits: 0 and 1 are the OP Stack's, the last is "OPEN" in ASCII. */
export const SOURCE_DOMAIN_USER = 0n
export const SOURCE_DOMAIN_L1_ATTRIBUTES = 1n
export const SOURCE_DOMAIN_MATURING = 0x4f50454en

/** Jovian: what a DA footprint gas scalar of 0 means. */
export const DEFAULT_DA_FOOTPRINT_GAS_SCALAR = 400
