/** Contributions: commitments first, then contents in calldata, then the near-copies of a second identity. */
import { bytesToHex, type Hex, keccak256, type PrivateKeyAccount, stringToHex } from 'viem'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import { parametersAbi } from '../../genesis/abi/parameters.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { PARAMETERS } from '../../genesis/parameters.ts'
import { DatanetId } from '../../genesis/units.ts'
import { contributionCommitment } from '../../protocol/commitment.ts'
import { type DomainText, nearCopy } from '../domain-texts.ts'
import { type BatchCall, type StoryContext, sendAll } from './context.ts'

type Planned = { account: PrivateKeyAccount; text: DomainText; contentHash: Hex; salt: Hex; commitment: Hex }

/** Gas of a commitment, generously. */
const COMMIT_GAS = 200_000n
/** Gas of a contribution besides its calldata. */
const CONTRIBUTE_GAS = 900_000n
/** Contributions sent at once: a few blocks' worth, so that progress shows and the pool's limits are kept. */
const BATCH = 60

export type ContributionCounts = { contributions: number; clusters: number; copies: number }

export async function ensureContributions(
  context: StoryContext,
  datanet: bigint,
  texts: DomainText[],
  copies: number,
): Promise<ContributionCounts> {
  const { contributors, copier } = context.cast
  const originals = texts.map((text, index) => plan(datanet, contributors[index % contributors.length]!, text))
  // The longest texts: a copier takes what looks most valuable.
  const copied = texts.toSorted((a, b) => b.content.length - a.content.length).slice(0, copies)
  const duplicates = copied.map((text) => plan(datanet, copier, nearCopy(text)))

  await contributeAll(context, datanet, originals, 'contributions')
  await contributeAll(context, datanet, duplicates, 'near-copies by a second identity')
  const { contributions, clusters } = await context.l2.readContract({
    address: NATIVE.datanets,
    abi: datanetsAbi,
    functionName: 'getDatanet',
    args: [datanet],
  })
  return { contributions: Number(contributions), clusters: Number(clusters), copies: duplicates.length }
}

function plan(datanet: bigint, account: PrivateKeyAccount, text: DomainText): Planned {
  const contentHash = keccak256(text.content)
  const salt = keccak256(stringToHex(`salt of ${text.path}`))
  const commitment = contributionCommitment({
    owner: lower(account.address),
    datanet: DatanetId(datanet),
    contentHash,
    salt,
  })
  return { account, text, contentHash, salt, commitment }
}

async function contributeAll(context: StoryContext, datanet: bigint, planned: Planned[], what: string): Promise<void> {
  const onChain = new Set(await contributedBy(context, datanet))
  const missing = planned.filter((item) => !onChain.has(keyOf(item.account.address, item.contentHash)))
  const bond = await context.l2.readContract({
    address: NATIVE.parameters,
    abi: parametersAbi,
    functionName: 'get',
    args: [PARAMETERS.commitBond.id],
  })
  for (let start = 0; start < missing.length; start += BATCH) {
    const batch = missing.slice(start, start + BATCH)
    await sendAll(
      context,
      (await withoutCommitment(context, batch)).map((item) => commitCall(item, bond)),
    )
    await sendAll(
      context,
      batch.map((item) => contributeCall(datanet, item)),
    )
    context.progress(`${planned.length - missing.length + start + batch.length} of ${planned.length} ${what} on chain`)
  }
}

/** A start after a crash may find commitments already made. */
async function withoutCommitment(context: StoryContext, items: Planned[]): Promise<Planned[]> {
  const found = await Promise.all(
    items.map((item) =>
      context.l2.readContract({
        address: NATIVE.datanets,
        abi: datanetsAbi,
        functionName: 'commitmentOf',
        args: [item.account.address, item.commitment],
      }),
    ),
  )
  return items.filter((_, index) => found[index]![0] === 0n)
}

async function contributedBy(context: StoryContext, datanet: bigint): Promise<string[]> {
  const logs = await context.l2.getContractEvents({
    address: NATIVE.datanets,
    abi: datanetsAbi,
    eventName: 'Contributed',
    args: { datanet },
    fromBlock: 0n,
    strict: true,
  })
  return logs.map((log) => keyOf(log.args.contributor, log.args.contentHash))
}

const keyOf = (address: string, contentHash: Hex) => `${address.toLowerCase()} ${contentHash}`
const lower = (address: string) => address.toLowerCase() as `0x${string}`

function commitCall(item: Planned, bond: bigint): BatchCall {
  return {
    account: item.account,
    to: NATIVE.datanets,
    abi: datanetsAbi,
    functionName: 'commit',
    args: [item.commitment],
    value: bond,
    gas: COMMIT_GAS,
    label: `commitment of ${item.text.path}`,
  }
}

function contributeCall(datanet: bigint, item: Planned): BatchCall {
  return {
    account: item.account,
    to: NATIVE.datanets,
    abi: datanetsAbi,
    functionName: 'contributeContent',
    args: [datanet, bytesToHex(item.text.content), item.text.path, item.salt],
    // EIP-7623: at most 40 gas a byte of calldata.
    gas: CONTRIBUTE_GAS + 40n * BigInt(item.text.content.length),
    label: `contribution of ${item.text.path}`,
  }
}
