/** The chain as a prover sees it, through the SDK. */
import type { Account, Chain, Client, Hash, Hex, Transport } from 'viem'
import { getBlock, readContract } from 'viem/actions'
import {
  confirmTransaction,
  getChannel,
  getModel,
  getParameter,
  getVersion,
  isVersionLive,
  namingErrors,
  type SettleOutcome,
  type SettleVoucher,
  settle,
  settleOutcome,
  signReceipt,
} from '../../client/index.ts'
import { channelsAbi } from '../../genesis/abi/channels.ts'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { type Address, NATIVE } from '../../genesis/addresses.ts'
import type { Leaf } from '../../protocol/leaf.ts'
import type { AnswerReceipt } from '../../protocol/receipt.ts'
import type { Prices } from './price.ts'
import type { ChannelState, ProverChain, ProverRules, VersionState } from './prover-chain.ts'
import { orUndefined, readVersion } from './version-state.ts'

/** A client of L2 with the prover's account. */
export type ProverClient = Client<Transport, Chain, Account>

const lower = (address: string) => address.toLowerCase() as Address

export class ViemProverChain implements ProverChain {
  readonly #client: ProverClient
  readonly #publishers: ReadonlySet<Address>
  readonly #published: bigint[] = []
  /** Versions 1 … this were looked at. */
  #checkedVersions = 0n

  /** `publishers`: whose versions are served besides the own. */
  constructor(modules: { client: ProverClient }, options: { publishers?: readonly Address[] } = {}) {
    this.#client = modules.client
    this.#publishers = new Set([...(options.publishers ?? []), this.#client.account.address].map(lower))
  }

  get chainId(): number {
    return this.#client.chain.id
  }

  get account(): Address {
    return lower(this.#client.account.address)
  }

  async head(): Promise<{ number: bigint; timestamp: bigint }> {
    const { number, timestamp } = await getBlock(this.#client, { blockTag: 'latest' })
    return { number, timestamp }
  }

  async channel(channel: Hex): Promise<ChannelState | undefined> {
    const found = await orUndefined('UnknownChannel', getChannel(this.#client, { channel }))
    return found && { ...found, payer: lower(found.payer), receiver: lower(found.receiver) }
  }

  async signer(channel: Hex, key: Address): Promise<{ cap: bigint; expiry: bigint }> {
    const args = [channel, key] as const
    const [cap, expiry] = await namingErrors('channels', 'signerOf', () =>
      readContract(this.#client, { abi: channelsAbi, address: NATIVE.channels, functionName: 'signerOf', args }),
    )
    return { cap, expiry }
  }

  version(version: bigint): Promise<VersionState | undefined> {
    return readVersion(this.#client, version)
  }

  isLive(version: bigint): Promise<boolean> {
    return isVersionLive(this.#client, { version })
  }

  prices(model: bigint): Promise<Prices> {
    return getModel(this.#client, { model })
  }

  async publishedVersions(): Promise<bigint[]> {
    const count = await readContract(this.#client, {
      abi: modelsAbi,
      address: NATIVE.models,
      functionName: 'versionCount',
    })
    while (this.#checkedVersions < count) {
      const version = this.#checkedVersions + 1n
      const { publisher } = await getVersion(this.#client, { version })
      if (this.#publishers.has(lower(publisher))) this.#published.push(version)
      this.#checkedVersions = version
    }
    return [...this.#published]
  }

  async rules(): Promise<ProverRules> {
    const names = ['thresholdZ', 'maxEntries', 'maxScaleFactor', 'maxLeafAge'] as const
    const [thresholdZ, maxEntries, maxScaleFactor, maxLeafAge] = await Promise.all(
      names.map((name) => getParameter(this.#client, { name })),
    )
    return {
      thresholdZ: thresholdZ!,
      maxEntries: Number(maxEntries!),
      maxScaleFactor: maxScaleFactor!,
      maxLeafAge: maxLeafAge!,
    }
  }

  async signReceipt(receipt: AnswerReceipt): Promise<Hex> {
    return (await signReceipt(this.#client, { receipt })).signature
  }

  async settle(
    leaves: readonly Leaf[],
    vouchers: readonly SettleVoucher[],
  ): Promise<SettleOutcome & { transaction: Hash }> {
    const transaction = await settle(this.#client, { leaves, vouchers })
    return { ...settleOutcome(await confirmTransaction(this.#client, { hash: transaction })), transaction }
  }
}
