/** The story's outcome: what `--json` prints. Every figure is read from the chain, the verifier or the auditor. */
export type StoryReport = {
  ok: boolean
  /** Latest L2 block when the checks were made. */
  l2Block: number
  /** The safe block at which sequencer and verifier are compared, and its state root at each. */
  safeBlock: number
  stateRoot: string
  verifierStateRoot: string
  contributions: number
  clusters: number
  /** Optimizer steps of the version's training, and its loss in nats per token at the first and the last checkpoint on record. */
  trainSteps: number
  lossFirst: number
  lossLast: number
  /** Rows of the version: texts whose gradients were taken. */
  rowsFeaturized: number
  answers: number
  /** Of these, written by the tuned model. */
  answersByModel: number
  settled: number
  /** Settled leaves recomputed by the auditor, and how many came out with the same integers. */
  audited: number
  auditedEqual: number
  /** Wei paid to balances by maturing payouts, as a decimal string. */
  paidOutWei: string
  contributorsPaid: number
  /** Wei that the copying identity earned, as a decimal string. */
  duplicatesPaidWei: string
  seconds: number
}

/** What the auditor process reports, as far as the story reads it. */
export type AuditSummary = {
  audited: number
  equal: number
  differences: string[]
  /** Tuned versions in use, of which so many steps of training and rows were computed again. */
  versions: { version: string; equal: boolean; steps: number; rows: number }[]
}

/** Wei as OPEN with six decimals, for reading. */
export function formatOpen(wei: bigint): string {
  const micro = wei / 1_000_000_000_000n
  return `${micro / 1_000_000n}.${String(micro % 1_000_000n).padStart(6, '0')} OPEN`
}
