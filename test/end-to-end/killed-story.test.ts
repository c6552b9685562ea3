import { createPublicClient, type Hex, http } from 'viem'
import { afterAll, describe, expect, it } from 'vitest'
import { killIfAlive, startDevnet, temporaryDataDir } from '../devnet/devnet-process.ts'

/** Lines of the story after which a process dies, in the order of the story, with the process. */
const DEATHS = [
  { after: /accounts hold OPEN/, victim: 'sequencer' },
  { after: /contributions on chain/, victim: 'orchestrator' },
  { after: /training: step/, victim: 'orchestrator' },
  { after: /is attested, live and served/, victim: 'prover' },
  { after: /questions answered/, victim: 'verifier' },
] as const

describe('kill -9 in the middle of the story', () => {
  const dataDir = temporaryDataDir()
  afterAll(dataDir.dispose)

  /** Blocks that the sequencer had answered with before a death: none may be lost. */
  const acknowledged: { number: bigint; hash: Hex }[] = []

  for (const { after, victim } of DEATHS) {
    it(`of the ${victim} after ${after.source}: the chain is there at the next start`, async () => {
      const network = startDevnet(dataDir.path, ['--story', 'small'])
      const rpcUrl = /JSON-RPC at (\S+)/.exec(await network.line(/sequencer and batcher run, JSON-RPC at/))![1]!
      await network.line(after)
      const client = createPublicClient({ transport: http(rpcUrl) })
      for (const block of acknowledged)
        expect((await client.getBlock({ blockNumber: block.number })).hash).toBe(block.hash)
      const { number, hash } = await client.getBlock()
      acknowledged.push({ number, hash })
      killIfAlive(victim === 'orchestrator' ? network.child.pid! : dataDir.pidOf(victim)!)
      const { code, signal } = await network.exited
      // The orchestrator says which process it lost; killed itself, it says nothing.
      if (victim === 'orchestrator') expect(signal).toBe('SIGKILL')
      else expect({ code, message: network.errors() }).toEqual({ code: 1, message: expect.stringContaining(victim) })
    }, 240_000)
  }

  it('is told to its end afterwards, with nothing paid twice', async () => {
    const network = startDevnet(dataDir.path, ['--story', 'small', '--exit-after-story', '--json'])
    const { code } = await network.exited
    expect({ code, errors: network.errors() }).toEqual({ code: 0, errors: '' })
    const report: Record<string, unknown> = JSON.parse(network.lines.at(-1)!)
    const once = { contributions: 27, trainSteps: 4, answers: 3, answersByModel: 3, settled: 3, audited: 3 }
    expect(report).toMatchObject({ ok: true, ...once })
  }, 240_000)
})
