/**
 * Consolidation (specs.optimism.io, "L1-consolidation: payload attributes matching"): does a block that we hold
 * already say what L1 says must stand there? Then it only becomes safe; nothing is executed again.
 */
import type { Block, PayloadAttributes } from '../execution/block.ts'
import { attributesOf } from '../execution/execute-block.ts'
import { extraDataFor } from '../execution/extra-data.ts'

/** The first difference in words, or undefined where the block is what the attributes demand. */
export function attributesMismatch(block: Block, derived: PayloadAttributes): string | undefined {
  const held = attributesOf(block)
  for (const field of FIELDS) {
    if (held[field] !== derived[field]) return `${field}: the block has ${held[field]}, L1 says ${derived[field]}`
  }
  // Zero parameters in attributes mean the defaults, which the header spells out.
  if (block.header.extraData !== extraDataFor(derived.eip1559Params, derived.minBaseFee)) {
    return `extraData ${block.header.extraData} differs from eip1559Params ${derived.eip1559Params}, minBaseFee ${derived.minBaseFee}`
  }
  if (held.transactions.length !== derived.transactions.length) {
    return `transactions: the block has ${held.transactions.length}, L1 says ${derived.transactions.length}`
  }
  const at = held.transactions.findIndex((raw, index) => !sameBytes(raw, derived.transactions[index]!))
  return at < 0 ? undefined : `transaction ${at} differs`
}

const FIELDS = [
  'timestamp',
  'prevRandao',
  'suggestedFeeRecipient',
  'parentBeaconBlockRoot',
  'gasLimit',
] as const satisfies readonly (keyof PayloadAttributes)[]

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}
