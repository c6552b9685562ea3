/** Batches through the SDK. */
import type { Hash, Hex } from 'viem'
import { getBlockNumber, getContractEvents } from 'viem/actions'
import {
  confirmTransaction,
  getBatch,
  getDraw,
  getParameter,
  NativeContractError,
  type SettleDrawsParameters,
  settleBatch,
  settleDraws,
  settleOutcome,
} from '../../client/index.ts'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { logPages } from '../attribute/chain-corpus.ts'
import { type BatchChain, type BatchState, ChainRefusal, type SettledDraws } from './batch-chain.ts'
import type { ProverClient } from './viem-prover-chain.ts'

/** What a refusal says of a channel, where it does. */
function refusalOf(error: NativeContractError): ChainRefusal {
  const { channel, reason } = error.args
  return new ChainRefusal(error.errorName, {
    ...(typeof channel === 'string' && { channel: channel as Hex }),
    ...(typeof reason === 'number' && { reason }),
    ...{ message: error.shortMessage, cause: error },
  })
}

async function namingRefusals<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    throw error instanceof NativeContractError ? refusalOf(error) : error
  }
}

export class ViemBatchChain implements BatchChain {
  readonly #client: ProverClient

  constructor(modules: { client: ProverClient }) {
    this.#client = modules.client
  }

  channelCloseDelay(): Promise<bigint> {
    return getParameter(this.#client, { name: 'channelCloseDelay' })
  }

  settleBatch(batch: Parameters<BatchChain['settleBatch']>[0]): Promise<void> {
    return namingRefusals(async () => {
      await confirmTransaction(this.#client, { hash: await settleBatch(this.#client, batch) })
    })
  }

  async committedSince(from: bigint): Promise<{ batch: bigint; root: Hex; transaction: Hash }[]> {
    const head = await getBlockNumber(this.#client, { cacheTime: 0 })
    const found: { batch: bigint; root: Hex; transaction: Hash }[] = []
    for (const range of logPages(from, head)) {
      const logs = await getContractEvents(this.#client, {
        ...{ address: NATIVE.attribution, abi: attributionAbi, eventName: 'BatchCommitted', strict: true },
        ...{ args: { prover: this.#client.account.address }, ...range },
      })
      found.push(
        ...logs.map(({ args: { batch, root }, transactionHash: transaction }) => ({ batch, root, transaction })),
      )
    }
    return found
  }

  batch(batch: bigint): Promise<BatchState> {
    return getBatch(this.#client, { batch })
  }

  async position(batch: bigint, draw: number): Promise<bigint | undefined> {
    try {
      return await getDraw(this.#client, { batch, draw })
    } catch (error) {
      if (error instanceof NativeContractError && error.errorName === 'DrawPending') return undefined
      throw error
    }
  }

  settleDraws(
    drawn: Pick<SettleDrawsParameters, 'batch' | 'draws' | 'leaf' | 'index' | 'proof'>,
  ): Promise<SettledDraws> {
    return namingRefusals(async () => {
      const hash = await settleDraws(this.#client, drawn)
      const { skipped } = settleOutcome(await confirmTransaction(this.#client, { hash }))
      return { transaction: hash, skipped: skipped[0]?.reason }
    })
  }
}
