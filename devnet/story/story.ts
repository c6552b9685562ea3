/**
 * The main job, told once: from OPEN bridged in, through contributions, a published version and paid
 * answers, to payouts in balances, and the two checks. Each step looks first at what the chain already
 * holds, so a story that was cut off anywhere goes on from there at the next start.
 */

import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import type { Leaf } from '../../protocol/leaf.ts'
import { QUESTIONS, smartContractTexts } from '../domain-texts.ts'
import type { StoryContext } from './context.ts'
import { type ContributionCounts, ensureContributions } from './contributions.ts'
import { ensureDatanet } from './datanet.ts'
import { ensureFunds } from './funds.ts'
import { balancesRoseByPayouts, creditedRecipients, maturedPayouts, settledLeaves, sourceOf } from './payouts.ts'
import { type Answer, askAll, ensureChannel, WRITING_ENGINE } from './questions.ts'
import { type AuditSummary, formatOpen, type StoryReport } from './report.ts'
import { ensureAttestations, ensureStakes } from './stakes.ts'
import { ensureToken } from './token.ts'
import { checkVerifier } from './verifier-check.ts'
import { trainingOf, waitUntilLive, waitUntilServed } from './version.ts'

export type StoryScale = {
  contributors: number
  validators: number
  texts: number
  /** Bytes of the largest of them. */
  largest: number
  copies: number
  questions: number
}

export const STORY_SCALES = {
  full: { contributors: 24, validators: 3, texts: 1_000, largest: 4_500, copies: 12, questions: QUESTIONS.length },
  small: { contributors: 4, validators: 2, texts: 24, largest: 2_500, copies: 3, questions: 3 },
} as const satisfies Record<string, StoryScale>

/** What the story needs from rooms that devnet/ may not import; put in by cli/. */
export type StoryModules = {
  context: StoryContext
  verifierUrl: string
  /** Tunes the base on the Datanet and publishes the version, or finds the one published before. */
  publishVersion: (datanet: bigint) => Promise<bigint>
  /** Runs the auditor as a process of its own over everything settled. */
  audit: () => Promise<AuditSummary>
}

/** Contributors shown in the list of who earned what. */
const EARNERS_SHOWN = 12
/** Sources shown for each answer. */
const SOURCES_SHOWN = 3

export async function tellStory(modules: StoryModules, scale: StoryScale): Promise<StoryReport> {
  const started = Date.now()
  const { context } = modules
  const { progress } = context

  await ensureFunds(context)
  const token = await ensureToken(context)
  progress(`ERC-20 ${token} deployed and called`)
  const datanet = await ensureDatanet(context)
  progress(`Datanet ${datanet} created`)
  const texts = smartContractTexts(scale.texts, scale.largest)
  const counts = await ensureContributions(context, datanet, texts, scale.copies)
  progress(`${counts.contributions} contributions in ${counts.clusters} clusters`)
  await ensureStakes(context)
  const version = await modules.publishVersion(datanet)
  await ensureAttestations(context, version)
  await waitUntilLive(context, version)
  await waitUntilServed(context, version)
  progress(`version ${version} is attested, live and served`)
  const channel = await ensureChannel(context)
  const answers = await askAll(context, channel, version, QUESTIONS.slice(0, scale.questions))
  progress(`${answers.length} questions answered, each with a signed receipt`)
  const leaves = await settledLeaves(
    context,
    answers.map((answer) => answer.request),
  )
  progress(`${leaves.length} requests settled; waiting for the window to pass`)
  const paid = await maturedPayouts(context, await creditedRecipients(context))
  return conclude(modules, { started, counts, version, answers, leaves, paid, datanet })
}

type Told = {
  started: number
  counts: ContributionCounts
  version: bigint
  answers: Answer[]
  leaves: Leaf[]
  paid: Map<string, bigint>
  datanet: bigint
}

/** Prints sources and earnings, makes both checks, and sums up. */
async function conclude({ context, verifierUrl, audit }: StoryModules, told: Told): Promise<StoryReport> {
  const { progress } = context
  for (const [index, answer] of told.answers.entries()) await showSources(context, answer, told.leaves[index]!)
  showEarnings(context, told.paid)

  const head = await context.l2.getBlockNumber()
  const roots = await checkVerifier(context, verifierUrl, head)
  progress(
    `check 1: at safe block ${roots.safeBlock} the verifier's state root is ${roots.equal ? 'equal' : 'DIFFERENT'}: ${roots.verifierStateRoot}`,
  )
  const audited = await audit()
  for (const difference of audited.differences) progress(`audit: ${difference}`)
  const leavesEqual = audited.audited > 0 && audited.audited >= told.leaves.length && audited.equal === audited.audited
  const versionsEqual = audited.versions.length > 0 && audited.versions.every((version) => version.equal)
  progress(`check 2: the auditor recomputed ${audited.audited} settled leaves, ${audited.equal} with the same integers`)
  for (const { version, equal, steps, rows } of audited.versions)
    progress(
      `check 2: of version ${version}, ${steps} steps of training and ${rows} rows computed again: ${equal ? 'equal' : 'DIFFERENT'}`,
    )
  const risen = await balancesRoseByPayouts(context, told.paid)
  if (!risen) progress('the balances of the contributors did not rise by what the ledger says it paid')

  const copier = context.cast.copier.address
  const income = await context.l2.readContract({
    address: NATIVE.attribution,
    abi: attributionAbi,
    functionName: 'incomeOf',
    args: [told.datanet, copier],
  })
  const contributors = new Set(context.cast.contributors.map(({ address }) => address.toLowerCase()))
  const contributorsPaid = [...told.paid].filter(
    ([recipient, amount]) => contributors.has(recipient) && amount > 0n,
  ).length
  const answersByModel = told.answers.filter(({ engine }) => engine === WRITING_ENGINE).length
  return {
    ok:
      roots.equal &&
      leavesEqual &&
      versionsEqual &&
      risen &&
      contributorsPaid > 0 &&
      answersByModel === told.answers.length,
    l2Block: Number(head),
    safeBlock: Number(roots.safeBlock),
    stateRoot: roots.stateRoot,
    verifierStateRoot: roots.verifierStateRoot,
    contributions: told.counts.contributions,
    clusters: told.counts.clusters,
    ...(await trainingOf(context, told.version)),
    answers: told.answers.length,
    answersByModel,
    settled: told.leaves.length,
    audited: audited.audited,
    auditedEqual: audited.equal,
    paidOutWei: sum(told.paid.values()).toString(),
    contributorsPaid,
    duplicatesPaidWei: ((told.paid.get(copier.toLowerCase()) ?? 0n) + income).toString(),
    seconds: Math.round((Date.now() - told.started) / 1000),
  }
}

async function showSources(context: StoryContext, answer: Answer, leaf: Leaf): Promise<void> {
  const by = answer.engine === WRITING_ENGINE ? 'written by the tuned model' : answer.engine
  context.progress(`question ${answer.n}: ${oneLine(answer.question)}`)
  context.progress(`  answer (${by}, ${formatOpen(answer.fee)}): ${firstWords(answer.text)}`)
  for (const entry of leaf.entries.slice(0, SOURCES_SHOWN)) {
    const { cid, payee } = await sourceOf(context, entry.cluster)
    context.progress(`  source ${cid} by ${payee}: score ${BigInt(entry.raw) * BigInt(entry.scale)} (row ${entry.row})`)
  }
}

function showEarnings(context: StoryContext, paid: Map<string, bigint>): void {
  const { cast, progress } = context
  const names = new Map<string, string>([
    [cast.builder.address.toLowerCase(), 'model owner'],
    [cast.prover.address.toLowerCase(), 'prover'],
    [cast.copier.address.toLowerCase(), 'copier'],
    // Parts that the ledger itself holds for many: streamed to share holders, accrued per unit of stake.
    [NATIVE.datanets, "holders of the Datanet's shares"],
    [NATIVE.staking, 'stakers'],
    [NATIVE.attribution, 'treasury'],
    ...cast.contributors.map(({ address }, index): [string, string] => [address.toLowerCase(), `contributor ${index}`]),
  ])
  const earners = [...paid].sort(([, a], [, b]) => (a < b ? 1 : a > b ? -1 : 0))
  for (const [recipient, amount] of earners.slice(0, EARNERS_SHOWN))
    progress(`earned: ${names.get(recipient) ?? recipient} ${formatOpen(amount)}`)
  if (earners.length > EARNERS_SHOWN)
    progress(`earned: and ${earners.length - EARNERS_SHOWN} more, ${formatOpen(sum(paid.values()))} together`)
}

const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim()

function firstWords(text: string): string {
  const line = oneLine(text)
  return line.length > 110 ? `${line.slice(0, 110)}…` : line
}

function sum(amounts: Iterable<bigint>): bigint {
  let total = 0n
  for (const amount of amounts) total += amount
  return total
}
