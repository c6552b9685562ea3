/** The chain as a prover sees it, through the SDK. */
import type { Account, Chain, Client, Hash, Hex, Transport } from 'viem'
import { getBlock, getContractEvents } from 'viem/actions'
import {
  confirmTransaction,
  getChannel,
  getModel,
  getParameter,
  getRun,
  getVersion,
  isVersionLive,
  NativeContractError,
  namingErrors,
  type SettleOutcome,
  type SettleVoucher,
  settle,
  settleOutcome,
  signReceipt,
} from '../../client/index.ts'
import { readContract } from 'viem/actions'
import { channelsAbi } from '../../genesis/abi/channels.ts'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { type Address, NATIVE } from '../../genesis/addresses.ts'
import type { Leaf } from '../../protocol/leaf.ts'
import type { AnswerReceipt } from '../../protocol/receipt.ts'
import { logPages } from '../attribute/chain-corpus.ts'
import type { ChannelState, ProverChain, ProverRules, VersionState } from './prover-chain.ts'

/** A client of L2 with the prover's account. */
export type ProverClient = Client<Transport, Chain, Account>

const lower = (address: string) => address.toLowerCase() as Address

/** The call's result, or undefined where the contract says that there is no such thing. */
async function orUndefined<T>(errorName: string, call: Promise<T>): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    if (error instanceof NativeContractError && error.errorName === errorName) return undefined
    throw error
  }
}

export class ViemProverChain implements ProverChain {
  readonly #client: ProverClient

  constructor(modules: { client: ProverClient }) {
    this.#client = modules.client
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

  async version(version: bigint): Promise<VersionState | undefined> {
    const found = await orUndefined('UnknownVersion', getVersion(this.#client, { version }))
    if (!found) return undefined
    const [run, model] = await Promise.all([
      getRun(this.#client, { run: found.run }),
      getModel(this.#client, { model: found.model }),
    ])
    const { datanets, seed, manifestRoot, hyperparametersHash } = run
    const { featureRoot, artifactHash, rows, medianScale } = found
    const { pricePer1kIn, pricePer1kOut, name } = model
    return {
      version,
      model: found.model,
      publisher: lower(found.publisher),
      ...{ datanets, seed, manifestRoot, hyperparametersHash },
      ...{ featureRoot, artifactHash, rows, medianScale },
      ...{ pricePer1kIn, pricePer1kOut, name },
    }
  }

  isLive(version: bigint): Promise<boolean> {
    return isVersionLive(this.#client, { version })
  }

  async publishedVersions(): Promise<bigint[]> {
    const { number } = await this.head()
    const versions: bigint[] = []
    for (const range of logPages(0n, number)) {
      const logs = await getContractEvents(this.#client, {
        address: NATIVE.models,
        abi: modelsAbi,
        eventName: 'VersionPublished',
        strict: true,
        ...range,
      })
      for (const { args } of logs) {
        const { publisher } = await getVersion(this.#client, { version: args.version })
        if (lower(publisher) === this.account) versions.push(args.version)
      }
    }
    return versions
  }

  async rules(): Promise<ProverRules> {
    const names = ['thresholdZ', 'maxEntries', 'maxScaleFactor', 'maxLeafAge'] as const
    const [thresholdZ, maxEntries, maxScaleFactor, maxLeafAge] = await Promise.all(
      names.map((name) => getParameter(this.#client, { name })),
    )
    return { thresholdZ: thresholdZ!, maxEntries: Number(maxEntries!), maxScaleFactor: maxScaleFactor!, maxLeafAge: maxLeafAge! }
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
