/** The first check: the verifier, which follows L1 alone, has the sequencer's state root at the same safe block. */
import { createPublicClient, http } from 'viem'
import { type StoryContext, until } from './context.ts'

export type StateRootCheck = { safeBlock: bigint; stateRoot: string; verifierStateRoot: string; equal: boolean }

/** A batch waits for its channel, its L1 transaction and the confirmation of that. */
const SAFE_TIMEOUT = 120_000

/** Waits until the verifier's safe head has reached `atLeast`, then compares both nodes at that head. */
export async function checkVerifier(
  context: StoryContext,
  verifierUrl: string,
  atLeast: bigint,
): Promise<StateRootCheck> {
  const verifier = createPublicClient({ chain: context.l2Chain, transport: http(verifierUrl), cacheTime: 0 })
  const safe = await until(context, `the verifier's safe head at block ${atLeast}`, SAFE_TIMEOUT, async () => {
    const block = await verifier.getBlock({ blockTag: 'safe' })
    return block.number >= atLeast ? block : undefined
  })
  const own = await context.l2.getBlock({ blockNumber: safe.number })
  return {
    safeBlock: safe.number,
    stateRoot: own.stateRoot,
    verifierStateRoot: safe.stateRoot,
    equal: own.hash === safe.hash && own.stateRoot === safe.stateRoot,
  }
}
