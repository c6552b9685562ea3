/**
 * The known-answer test: a small computation through every integer that a worker is trusted with, and what
 * must come out. A worker is used only after it has computed exactly this. The expected values are
 * frozen in known-answers.json: a change of them is a new protocol version.
 */
import { type Hex, keccak256, toHex } from 'viem'
import { ClusterId, ContributionId, DatanetId } from '../../genesis/units.ts'
import { answerQuery, answerQueryHash, textTokenIds } from '../attribute/answer-query.ts'
import { buildArtifact } from '../attribute/artifact.ts'
import type { LaterScoresEngine } from '../attribute/scores.ts'
import frozen from './known-answers.json' with { type: 'json' }

export type KnownAnswers = {
  /** featureRoot of the test's artifact. */
  features: Hex
  /** queryHash of the test's question and answer. */
  query: Hex
  /** keccak256 of all raw scores, int32 little endian. */
  scores: Hex
}

export const KNOWN_ANSWERS = frozen as KnownAnswers

const TEXTS = [
  'function transfer(address to, uint256 value) public returns (bool) { _transfer(msg.sender, to, value); return true; }',
  'A vault holds shares of an underlying asset; deposit mints shares and withdraw burns them.',
  'The governor counts votes for, against and abstaining, and queues a proposal in the timelock once it has passed.',
  'Merkle proofs show that a leaf belongs to a tree of which only the root is known.',
  'ECDSA signatures are malleable: reject s values in the upper half of the order.',
]
const PROMPT = 'How does a vault mint shares?'

/** Computes the test's values, the scores by the given engine. */
export async function computeKnownAnswers(engine: LaterScoresEngine): Promise<KnownAnswers> {
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

/** What differs from the frozen values, or undefined. */
export function checkKnownAnswers(computed: KnownAnswers): string | undefined {
  for (const name of ['features', 'query', 'scores'] as const) {
    if (computed[name] !== KNOWN_ANSWERS[name])
      return `${name}: computed ${computed[name]}, expected ${KNOWN_ANSWERS[name]}`
  }
  return undefined
}
