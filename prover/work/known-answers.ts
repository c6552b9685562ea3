/**
 * The known-answer test: a small computation through every integer and every float that a worker is trusted with
 * (kernel-answers.ts), and what must come out. A worker is used only after it has computed exactly this. The expected
 * values are frozen in known-answers.json: a change of them is a new protocol version.
 */
import { type Hex, keccak256, toHex } from 'viem'
import { ClusterId, ContributionId, DatanetId } from '../../genesis/units.ts'
import { answerQuery, answerQueryHash, textTokenIds } from '../attribute/answer-query.ts'
import { buildArtifact } from '../attribute/artifact.ts'
import type { LaterScoresEngine } from '../attribute/scores.ts'
import type { Kernel } from '../kernel/f32.ts'
import { computeKernelAnswers, type KernelAnswers } from './kernel-answers.ts'
import frozen from './known-answers.json' with { type: 'json' }

/** What depends on the engine of scores. */
export type ScoresAnswers = {
  /** featureRoot of the test's artifact. */
  features: Hex
  /** queryHash of the test's question and answer. */
  query: Hex
  /** keccak256 of all raw scores, int32 little endian. */
  scores: Hex
}
export type KnownAnswers = ScoresAnswers & KernelAnswers

export const KNOWN_ANSWERS = frozen as KnownAnswers

const TEXTS = [
  'function transfer(address to, uint256 value) public returns (bool) { _transfer(msg.sender, to, value); return true; }',
  'A vault holds shares of an underlying asset; deposit mints shares and withdraw burns them.',
  'The governor counts votes for, against and abstaining, and queues a proposal in the timelock once it has passed.',
  'Merkle proofs show that a leaf belongs to a tree of which only the root is known.',
  'ECDSA signatures are malleable: reject s values in the upper half of the order.',
]
const PROMPT = 'How does a vault mint shares?'

/** Computes all of the test's values. */
export async function computeKnownAnswers(modules: {
  scores: LaterScoresEngine
  kernel: Kernel
}): Promise<KnownAnswers> {
  return { ...(await computeScoresAnswers(modules.scores)), ...computeKernelAnswers(modules.kernel) }
}

/** The part that integers make, the scores by the given engine. */
export async function computeScoresAnswers(engine: LaterScoresEngine): Promise<ScoresAnswers> {
  const documents = TEXTS.map((text, index) => {
    const content = new TextEncoder().encode(text)
    const id = BigInt(index + 1)
    return {
      id: ContributionId(id),
      datanet: DatanetId(1n),
      cluster: ClusterId(id),
      contentHash: keccak256(content),
      content,
    }
  })
  const artifact = buildArtifact({ datanets: [1n], block: 1n, documents }, { seed: 7n, maxScaleFactor: 4n })
  const query = answerQuery(artifact, { prompt: textTokenIds(PROMPT), answer: textTokenIds(TEXTS[1]!) })
  if (!query) throw new Error('the known-answer question has no feature')
  const raws = new DataView(new ArrayBuffer(4 * artifact.rows.length))
  const scores = await engine(artifact)
  ;(await scores(query)).forEach((raw, row) => {
    raws.setInt32(4 * row, raw, true)
  })
  return {
    features: artifact.featureRoot,
    query: answerQueryHash(query),
    scores: keccak256(toHex(new Uint8Array(raws.buffer))),
  }
}

const OF_SCORES = ['features', 'query', 'scores'] as const
const ALL = [...OF_SCORES, 'product', 'softmax', 'logits', 'feature'] as const

/** What differs from the frozen values, or undefined. */
export const checkKnownAnswers = (computed: KnownAnswers): string | undefined => difference(computed, ALL)
export const checkScoresAnswers = (computed: ScoresAnswers): string | undefined => difference(computed, OF_SCORES)

function difference<name extends keyof KnownAnswers>(
  computed: Pick<KnownAnswers, name>,
  names: readonly name[],
): string | undefined {
  const wrong = names.find((name) => computed[name] !== KNOWN_ANSWERS[name])
  return wrong && `${wrong}: computed ${computed[wrong]}, expected ${KNOWN_ANSWERS[wrong]}`
}
