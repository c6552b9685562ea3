/** GET /health: the heads and how old the newest block is. */
import type { ChainReads, HeadLabel } from '../node/chain/reads.ts'
import type { Json } from './json.ts'

/** `now` in milliseconds. Block numbers and seconds are JSON numbers. */
export function healthOf(chain: ChainReads, now: number): Json {
  const of = (label: HeadLabel) => {
    const { hash, block } = chain.head(label)
    return { number: Number(block.header.number), hash, timestamp: Number(block.header.timestamp) }
  }
  const unsafe = of('unsafe')
  return {
    ok: true,
    chainId: chain.config.l2ChainId,
    unsafe,
    safe: of('safe'),
    finalized: of('finalized'),
    headAgeSeconds: Math.max(0, Math.floor(now / 1000) - unsafe.timestamp),
  }
}
