/**
 * `--audit`: checks the ledger's invariants (docs/protocol.md, "Invariants") after every block. It begins by reading
 * every block's logs, to learn whose records there are; a node that finds a fault stops, because what it holds is wrong.
 */
import type { Address } from '../genesis/addresses.ts'
import type { ChainReads } from '../node/chain/reads.ts'
import type { HashedBlock } from '../node/execution/block.ts'
import { LedgerAudit } from '../node/ledger/audit/audit.ts'

/** The ledger broke an invariant. */
export class AuditError extends Error {
  override name = 'AuditError'
}

type AuditedChain = Pick<ChainReads, 'config' | 'head' | 'blockByNumber' | 'receipts' | 'stateAt' | 'onHead'>

/**
 * Audits the unsafe head and every one after it. A head that has moved on before its audit began is audited with its
 * successor. Errors go to `fail`. Returns what stops it: resolves when the audit in progress has ended.
 */
export function auditLedger(chain: AuditedChain, fail: (error: Error) => void): () => Promise<void> {
  const audit = new LedgerAudit()
  let followed = 0n
  let followedHash: string | undefined
  let stopped = false
  let running: Promise<void> | undefined

  async function follow(head: HashedBlock): Promise<void> {
    // After a reorg other blocks are learned from the first on: rare, and what was learned before harms nothing.
    const known = followed > 0n ? await chain.blockByNumber(followed) : undefined
    if (known?.hash !== followedHash) {
      followed = 0n
      followedHash = undefined
    }
    while (followed < head.block.header.number && !stopped) {
      const block = await chain.blockByNumber(followed + 1n)
      const receipts = block && (await chain.receipts(block.hash))
      if (!receipts) throw new AuditError(`block ${followed + 1n} has no receipts to audit`)
      for (const { logs } of receipts) audit.follow(logs)
      followed += 1n
      followedHash = block.hash
    }
  }

  async function check(): Promise<void> {
    const head = chain.head('unsafe')
    const { number, timestamp, mixHash: prevRandao } = head.block.header
    await follow(head)
    if (stopped) return
    const state = await chain.stateAt(number)
    const reader = {
      storage: (address: Address, slot: `0x${string}`) => state.storage(address, slot),
      balance: (address: Address) => state.account(address)?.balance ?? 0n,
    }
    const chainId = BigInt(chain.config.l2ChainId)
    const faults = audit.check(reader, { number, timestamp, prevRandao, chainId })
    if (faults.length > 0) throw new AuditError(`after block ${number}: ${faults.join('; ')}`)
  }

  let again = false
  async function run(): Promise<void> {
    do {
      again = false
      await check()
    } while (again && !stopped)
  }

  function start(): void {
    if (stopped) return
    again = true
    running ??= run()
      .catch((error: Error) => {
        if (stopped) return
        stopped = true
        fail(error)
      })
      .finally(() => {
        running = undefined
      })
  }

  const unsubscribe = chain.onHead('unsafe', start)
  start()
  return async () => {
    stopped = true
    unsubscribe()
    await running
  }
}
