/**
 * openledger_*: the ledger in JSON. Everything is read through the native contracts' view functions and logs, so
 * it says what a contract would see. Amounts and ids are quantities; the last parameter is a block, `latest` where
 * absent.
 */
import { bytesToHex, decodeFunctionResult, encodeFunctionData, type Hex } from 'viem'
import { z } from 'zod'
import { attributionAbi } from '../../genesis/abi/attribution.ts'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { type Address, NATIVE } from '../../genesis/addresses.ts'
import { requireBlock } from '../block-lookup.ts'
import { decodedJson, type Json, quantity } from '../json.ts'
import { type MethodTable, method, type RpcModules } from '../method.ts'
import { nativeView } from '../native-view.ts'
import { address, type BlockId, block, hash, id } from '../parameter.ts'
import { settledLeaf } from '../settled-leaf.ts'

/** Items of one page. */
const MAX_PAGE = 100

const at = block.optional()
const pageSize = z
  .number({ error: 'must be a number' })
  .int()
  .min(1, 'must be at least 1')
  .max(MAX_PAGE, `must be at most ${MAX_PAGE}`)

export function openledgerMethods({ chain }: RpcModules): MethodTable {
  /** Reads of one contract at one block. */
  async function viewAt(idOfBlock: BlockId | undefined) {
    const { number } = (await requireBlock(chain, idOfBlock)).block.header
    return {
      number,
      datanets: (data: Hex) => nativeView(chain, number, NATIVE.datanets, data),
      models: (data: Hex) => nativeView(chain, number, NATIVE.models, data),
      attribution: (data: Hex) => nativeView(chain, number, NATIVE.attribution, data),
    }
  }
  type View = Awaited<ReturnType<typeof viewAt>>

  async function datanet(view: View, id: bigint) {
    const data = await view.datanets(encodeFunctionData({ abi: datanetsAbi, functionName: 'getDatanet', args: [id] }))
    return { id, ...decodeFunctionResult({ abi: datanetsAbi, functionName: 'getDatanet', data }) }
  }

  async function datanetCount(view: View): Promise<bigint> {
    const data = await view.datanets(encodeFunctionData({ abi: datanetsAbi, functionName: 'datanetCount' }))
    return decodeFunctionResult({ abi: datanetsAbi, functionName: 'datanetCount', data })
  }

  async function datanetPage(view: View, first: bigint, size: number): Promise<Json> {
    const total = await datanetCount(view)
    const datanets: Json[] = []
    for (let id = first; id <= total && datanets.length < size; id++)
      datanets.push(decodedJson(await datanet(view, id)))
    return { total: quantity(total), datanets }
  }

  async function contribution(view: View, id: bigint) {
    const data = await view.datanets(
      encodeFunctionData({ abi: datanetsAbi, functionName: 'getContribution', args: [id] }),
    )
    return { id, ...decodeFunctionResult({ abi: datanetsAbi, functionName: 'getContribution', data }) }
  }

  /** A contribution's bytes; null where this node does not hold them. */
  async function content(view: View, idOrHash: bigint | Hex): Promise<Json> {
    const contentHash = typeof idOrHash === 'bigint' ? (await contribution(view, idOrHash)).contentHash : idOrHash
    const bytes = await chain.content(contentHash)
    return bytes === undefined ? null : bytesToHex(bytes)
  }

  async function version(view: View, id: bigint) {
    const data = await view.models(encodeFunctionData({ abi: modelsAbi, functionName: 'getVersion', args: [id] }))
    const live = await view.models(encodeFunctionData({ abi: modelsAbi, functionName: 'isLive', args: [id] }))
    return {
      id,
      ...decodeFunctionResult({ abi: modelsAbi, functionName: 'getVersion', data }),
      live: decodeFunctionResult({ abi: modelsAbi, functionName: 'isLive', data: live }),
    }
  }

  /** Steps of a run on record, from number `first` on. */
  async function stepPage(view: View, run: bigint, first: bigint, size: number): Promise<Json> {
    const counted = await view.models(encodeFunctionData({ abi: modelsAbi, functionName: 'stepCount', args: [run] }))
    const total = decodeFunctionResult({ abi: modelsAbi, functionName: 'stepCount', data: counted })
    const steps: Json[] = []
    for (let index = first; index < total && steps.length < size; index++) {
      const args = [run, Number(index)] as const
      const data = await view.models(encodeFunctionData({ abi: modelsAbi, functionName: 'stepAt', args }))
      steps.push(decodedJson({ index, ...decodeFunctionResult({ abi: modelsAbi, functionName: 'stepAt', data }) }))
    }
    return { total: quantity(BigInt(total)), steps }
  }

  async function settlement(view: View, request: Hex) {
    const data = await view.attribution(
      encodeFunctionData({ abi: attributionAbi, functionName: 'getSettlement', args: [request] }),
    )
    const found = decodeFunctionResult({ abi: attributionAbi, functionName: 'getSettlement', data })
    return found.settledAt === 0n ? undefined : { request, ...found }
  }

  async function leaf(view: View, request: Hex): Promise<Json> {
    const found = await settlement(view, request)
    return found === undefined ? null : decodedJson(await settledLeaf(chain, found, view.number))
  }

  async function settlementPage(view: View, first: bigint, size: number): Promise<Json> {
    const counted = await view.attribution(encodeFunctionData({ abi: attributionAbi, functionName: 'settlementCount' }))
    const total = decodeFunctionResult({ abi: attributionAbi, functionName: 'settlementCount', data: counted })
    const settlements: Json[] = []
    for (let i = first; i < total && settlements.length < size; i++) {
      const data = await view.attribution(
        encodeFunctionData({ abi: attributionAbi, functionName: 'requestAt', args: [i] }),
      )
      const request = decodeFunctionResult({ abi: attributionAbi, functionName: 'requestAt', data })
      settlements.push(decodedJson(await settlement(view, request)))
    }
    return { total: quantity(total), settlements }
  }

  async function payouts(view: View, recipient: Address): Promise<Json> {
    const pendingData = await view.attribution(
      encodeFunctionData({ abi: attributionAbi, functionName: 'pendingOf', args: [recipient] }),
    )
    const earnedData = await view.attribution(
      encodeFunctionData({ abi: attributionAbi, functionName: 'earnedOf', args: [recipient] }),
    )
    return {
      recipient,
      pending: quantity(decodeFunctionResult({ abi: attributionAbi, functionName: 'pendingOf', data: pendingData })),
      earned: quantity(decodeFunctionResult({ abi: attributionAbi, functionName: 'earnedOf', data: earnedData })),
    }
  }

  const byId = z.tuple([id, at])
  const byRequest = z.tuple([hash, at])
  return {
    openledger_getDatanets: method(
      ['first', 'size', 'block'],
      z.tuple([id.optional(), pageSize.optional(), at]),
      async ([first, size, block]) => datanetPage(await viewAt(block), first ?? 1n, size ?? MAX_PAGE),
    ),
    openledger_getDatanet: method(['datanet', 'block'], byId, async ([id, block]) =>
      decodedJson(await datanet(await viewAt(block), id)),
    ),
    openledger_getContribution: method(['contribution', 'block'], byId, async ([id, block]) =>
      decodedJson(await contribution(await viewAt(block), id)),
    ),
    openledger_getContent: method(
      ['contribution or content hash', 'block'],
      z.tuple([z.union([hash, id]), at]),
      async ([which, block]) => content(await viewAt(block), which),
    ),
    openledger_getVersion: method(['version', 'block'], byId, async ([id, block]) =>
      decodedJson(await version(await viewAt(block), id)),
    ),
    openledger_getSteps: method(
      ['run', 'first', 'size', 'block'],
      z.tuple([id, id.optional(), pageSize.optional(), at]),
      async ([run, first, size, block]) => stepPage(await viewAt(block), run, first ?? 0n, size ?? MAX_PAGE),
    ),
    openledger_getSettlement: method(['request', 'block'], byRequest, async ([request, block]) =>
      decodedJson((await settlement(await viewAt(block), request)) ?? null),
    ),
    openledger_getLeaf: method(['request', 'block'], byRequest, async ([request, block]) =>
      leaf(await viewAt(block), request),
    ),
    openledger_settlements: method(
      ['first', 'size', 'block'],
      z.tuple([id.optional(), pageSize.optional(), at]),
      async ([first, size, block]) => settlementPage(await viewAt(block), first ?? 0n, size ?? MAX_PAGE),
    ),
    openledger_getPayouts: method(['address', 'block'], z.tuple([address, at]), async ([recipient, block]) =>
      payouts(await viewAt(block), recipient),
    ),
  }
}
