/** A Datanet for the domain, found again on a later start by its owner and name. */
import { parseEventLogs } from 'viem'
import { DATANET_POLICY, datanetsAbi } from '../../genesis/abi/datanets.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { l2Wallet, mined, type StoryContext, StoryError } from './context.ts'

const NAME = 'Smart contracts'

export async function ensureDatanet(context: StoryContext): Promise<bigint> {
  const owner = context.cast.curator
  const created = await context.l2.getContractEvents({
    address: NATIVE.datanets,
    abi: datanetsAbi,
    eventName: 'DatanetCreated',
    args: { owner: owner.address },
    fromBlock: 0n,
  })
  const known = created.find((log) => log.args.name === NAME)
  if (known?.args.datanet !== undefined) return known.args.datanet

  const hash = await l2Wallet(context, owner).writeContract({
    address: NATIVE.datanets,
    abi: datanetsAbi,
    functionName: 'create',
    args: [
      {
        name: NAME,
        domain: 'smart-contracts',
        policy: DATANET_POLICY.open,
        curators: [],
        quorum: 0,
        licence: { feePerRow: 0n, revenueShareBps: 0, commercialUse: true, expiry: 0n, attributionDuty: true },
        bond: 0n,
        uri: '',
      },
    ],
  })
  const [log] = parseEventLogs({
    abi: datanetsAbi,
    eventName: 'DatanetCreated',
    logs: (await mined(context, hash)).logs,
  })
  if (!log) throw new StoryError(`transaction ${hash} created no Datanet`)
  return log.args.datanet
}
