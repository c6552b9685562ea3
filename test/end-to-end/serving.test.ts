/** A network that only serves (`--no-story`): its options, gossip, status lines, and how it ends and goes on. */
import { createPublicClient, http } from 'viem'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type DevnetProcess, killIfAlive, startDevnet, temporaryDataDir } from '../devnet/devnet-process.ts'
import { freePort, portIsFree } from '../fixtures/command-line.ts'

const NODES = ['sequencer', 'verifier', 'prover'] as const
const syncStatus = z.object({
  result: z.object({ unsafe_l2: z.object({ number: z.number() }), safe_l2: z.object({ number: z.number() }) }),
})

describe('a network without a story', async () => {
  const dataDir = temporaryDataDir()
  afterAll(dataDir.dispose)
  const [rpcPort, l1Port] = [await freePort(), await freePort()]
  const ports = ['--rpc-port', String(rpcPort), '--l1-port', String(l1Port)]
  const l1 = createPublicClient({ transport: http(`http://127.0.0.1:${l1Port}`), cacheTime: 0 })
  const l2 = createPublicClient({ transport: http(`http://127.0.0.1:${rpcPort}`), cacheTime: 0 })

  const start = (...args: string[]) => startDevnet(dataDir.path, [...ports, '--no-story', ...args])

  async function stopped(network: DevnetProcess, signal: 'SIGTERM' | 'SIGINT') {
    network.child.kill(signal)
    expect(await network.exited).toEqual({ code: 0, signal: null })
    expect(network.errors()).toBe('')
    for (const name of [...NODES, 'l1/anvil']) expect(dataDir.pidOf(name)).toBeUndefined()
    expect([await portIsFree(rpcPort), await portIsFree(l1Port)]).toEqual([true, true])
  }

  it('serves on the ports and in the rhythm that it was told, prints a status line, and TERM stops everything', async () => {
    const network = start('--block-time', '2')
    expect(await network.line(/serving: /)).toContain(`JSON-RPC http://127.0.0.1:${rpcPort}, chain id 901`)
    expect(await l2.getChainId()).toBe(901)
    expect(await l1.getChainId()).toBe(900)
    const block = await l2.getBlock()
    const parent = await l2.getBlock({ blockNumber: block.number - 1n })
    expect(block.timestamp - parent.timestamp).toBe(2n)

    // What L1 does not have yet, the verifier has by gossip alone.
    const verifierUrl = /at (\S+)/.exec(await network.line(/verifier runs, JSON-RPC at/))![1]!
    expect(await gossipedBlocks(verifierUrl)).toBeGreaterThan(0)

    expect(
      await network.line(/unsafe \d+ safe \d+ finalized \d+ \| \d+ batches on L1 \| worker ready on [^|]+, 0 jobs/),
    ).toMatch(/\| 0 settled, 0\.000000 OPEN waiting to be paid out$/)
    await stopped(network, 'SIGTERM')
  }, 90_000)

  it('resumes the same chain, and is not held up by what a killed start has left on its ports', async () => {
    const first = start()
    await first.line(/resuming chain 901/)
    await first.line(/serving: /)
    const { number, hash } = await l2.getBlock()
    const left = NODES.map((name) => dataDir.pidOf(name)!)
    killIfAlive(first.child.pid!)
    // At once: the nodes of the first still run.
    const second = start()
    await second.line(/serving: /)
    expect((await l2.getBlock({ blockNumber: number })).hash).toBe(hash)
    expect(NODES.map((name) => dataDir.pidOf(name))).not.toEqual(left)
    await stopped(second, 'SIGINT')
  }, 90_000)
})

/** How many blocks a verifier's unsafe head is ahead of what it has derived from L1, once it is ahead at all. */
async function gossipedBlocks(url: string): Promise<number> {
  for (let looks = 0; looks < 200; looks++) {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'optimism_syncStatus', params: [] }),
    })
    const { unsafe_l2, safe_l2 } = syncStatus.parse(await response.json()).result
    if (unsafe_l2.number > safe_l2.number) return unsafe_l2.number - safe_l2.number
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return 0
}
