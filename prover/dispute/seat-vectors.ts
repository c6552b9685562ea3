/**
 * What a committee's member recomputes of a retrieval version, from public contents alone: a row from the Datanets' contents, a query from the
 * token ids that an opening showed. Of tuned versions it says that it does not know.
 */
import { type Hex, hexToBytes, keccak256 } from 'viem'
import { getBlockNumber, getContractEvents } from 'viem/actions'
import type { NativeClient } from '../../client/index.ts'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { ByteReader } from '../../protocol/byte-cursor.ts'
import { FEATURE_KIND } from '../../protocol/challenge.ts'
import { encodeFeature } from '../../protocol/feature-tolerance.ts'
import { answerQuery } from '../attribute/answer-query.ts'
import type { Artifact } from '../attribute/artifact.ts'
import { logPages } from '../attribute/chain-corpus.ts'
import { RETRIEVAL_HYPERPARAMETERS_HASH } from '../attribute/retrieval-run.ts'
import type { AuditReads } from '../audit/audit-reads.ts'
import { rebuildRetrieval } from '../audit/auditor.ts'
import type { Recompute } from './seats.ts'

const TUNED = {
  query: 'the query of a tuned version does not follow from the token ids that an opening shows',
  row: 'rows of a tuned version need its model',
  curvature: 'a curvature needs the model of its version',
}

export function retrievalVectors(client: NativeClient, reads: AuditReads): Recompute {
  return async ({ kind, version, index, subject }) => {
    const state = await reads.version(version)
    if (!state) return { unknown: `there is no version ${version}` }
    if (state.hyperparametersHash !== RETRIEVAL_HYPERPARAMETERS_HASH) return { unknown: sentenceOf(kind) }
    if (kind === FEATURE_KIND.curvature) return { unknown: 'a retrieval version has no curvature' }
    const { artifact } = await rebuildRetrieval(reads, state)
    if (kind === FEATURE_KIND.query) return queryOf(client, artifact, subject)
    const row = artifact.rows[index]
    if (!row) return { unknown: `the contents give ${artifact.rows.length} rows, no row ${index}` }
    return { vectorHash: keccak256(encodeFeature(row)) }
  }
}

const sentenceOf = (kind: number) =>
  kind === FEATURE_KIND.query ? TUNED.query : kind === FEATURE_KIND.row ? TUNED.row : TUNED.curvature

async function queryOf(client: NativeClient, artifact: Artifact, request: Hex): ReturnType<Recompute> {
  for (const range of logPages(0n, await getBlockNumber(client, { cacheTime: 0 }))) {
    const [log] = await getContractEvents(client, {
      ...{ address: NATIVE.attribution, abi: attributionAbi, eventName: 'Revealed', strict: true },
      ...{ args: { request }, ...range },
    })
    if (!log) continue
    const tokens = { prompt: tokenIds(log.args.promptIds), answer: tokenIds(log.args.outputIds) }
    const query = answerQuery(artifact, tokens)
    return { vectorHash: keccak256(query ? new Uint8Array(query.buffer, query.byteOffset, query.byteLength) : '0x') }
  }
  return { unknown: 'nobody has opened the request' }
}

/** Four bytes each, big endian. */
function tokenIds(ids: Hex): Uint32Array {
  const bytes = hexToBytes(ids)
  const reader = new ByteReader(bytes)
  return Uint32Array.from({ length: bytes.length / 4 }, () => reader.number(4))
}
