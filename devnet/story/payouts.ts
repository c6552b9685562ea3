/** Settlement, the window, and who earned what: read from the chain's logs and balances alone. */
import { type Hex, hexToBytes } from 'viem'
import { attributionAbi, CREDIT_ROLE } from '../../genesis/abi/attribution.ts'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { decodeLeaf, type Leaf } from '../../protocol/leaf.ts'
import { type StoryContext, until } from './context.ts'

const SETTLE_TIMEOUT = 90_000
const MATURE_TIMEOUT = 120_000

/** Waits until the prover has settled every request; returns their leaves in order. */
export async function settledLeaves(context: StoryContext, requests: Hex[]): Promise<Leaf[]> {
  return until(context, `settlement of ${requests.length} requests`, SETTLE_TIMEOUT, async () => {
    const logs = await context.l2.getContractEvents({
      address: NATIVE.attribution,
      abi: attributionAbi,
      eventName: 'Settled',
      fromBlock: 0n,
      strict: true,
    })
    const leaves = new Map(logs.map((log) => [log.args.request, decodeLeaf(hexToBytes(log.args.leaf))]))
    const found = requests.map((request) => leaves.get(request))
    return found.every((leaf) => leaf !== undefined) ? found : undefined
  })
}

/** Waits until nothing of the contributors' is pending any more, then reads what the ledger paid out. */
export async function maturedPayouts(context: StoryContext, recipients: string[]): Promise<Map<string, bigint>> {
  return until(context, 'payouts', MATURE_TIMEOUT, async () => {
    const pending = await Promise.all(
      recipients.map((address) =>
        context.l2.readContract({
          address: NATIVE.attribution,
          abi: attributionAbi,
          functionName: 'pendingOf',
          args: [address as `0x${string}`],
        }),
      ),
    )
    if (pending.some((amount) => amount > 0n)) return undefined
    const logs = await context.l2.getContractEvents({
      address: NATIVE.attribution,
      abi: attributionAbi,
      eventName: 'Matured',
      fromBlock: 0n,
      strict: true,
    })
    const paid = new Map<string, bigint>()
    for (const { args } of logs) {
      const recipient = args.recipient.toLowerCase()
      paid.set(recipient, (paid.get(recipient) ?? 0n) + args.amount)
    }
    return paid
  })
}

/** Who was credited by the requests, for the people who are paid by transfer. */
export async function creditedRecipients(context: StoryContext): Promise<string[]> {
  const logs = await context.l2.getContractEvents({
    address: NATIVE.attribution,
    abi: attributionAbi,
    eventName: 'Credited',
    fromBlock: 0n,
    strict: true,
  })
  const pushed: number[] = [CREDIT_ROLE.contributor, CREDIT_ROLE.modelOwner, CREDIT_ROLE.compute]
  return [
    ...new Set(logs.filter((log) => pushed.includes(log.args.role)).map((log) => log.args.recipient.toLowerCase())),
  ]
}

/** The document behind a cluster, for showing: its founder's cid and who is paid for it. */
export async function sourceOf(context: StoryContext, cluster: bigint): Promise<{ cid: string; payee: string }> {
  const { founder, payee } = await context.l2.readContract({
    address: NATIVE.datanets,
    abi: datanetsAbi,
    functionName: 'getCluster',
    args: [cluster],
  })
  const { cid } = await context.l2.readContract({
    address: NATIVE.datanets,
    abi: datanetsAbi,
    functionName: 'getContribution',
    args: [founder],
  })
  return { cid, payee }
}

/**
 * Whether every contributor's balance rose by exactly what the ledger says it paid since before the first
 * settlement. Contributors send nothing after their contributions, so nothing else moves their balances.
 */
export async function balancesRoseByPayouts(context: StoryContext, paid: Map<string, bigint>): Promise<boolean> {
  const [first] = await context.l2.getContractEvents({
    address: NATIVE.attribution,
    abi: attributionAbi,
    eventName: 'Settled',
    fromBlock: 0n,
  })
  if (!first) return false
  const rises = await Promise.all(
    context.cast.contributors.map(async ({ address }) => {
      const before = await context.l2.getBalance({ address, blockNumber: first.blockNumber - 1n })
      const after = await context.l2.getBalance({ address })
      return after - before === (paid.get(address.toLowerCase()) ?? 0n)
    }),
  )
  return rises.every(Boolean)
}
