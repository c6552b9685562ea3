/** For tests: what a version costs that stands on so many contributions. */
import { parseEther } from 'viem'
import { actor, essay, Stage } from './ledger-stage.ts'

/** A stage with a Datanet of so many contributions, each of its own cluster, by ten contributors in turn. */
function stageOf(contributions: number): { stage: Stage; datanet: bigint } {
  const stage = new Stage()
  const { world } = stage
  const contributors = Array.from({ length: 10 }, (_, i) => actor(100 + i))
  for (const { address } of contributors) world.fund(address, parseEther('100'))
  const datanet = stage.createDatanet()
  for (let i = 0; i < contributions; i++) stage.contribute(contributors[i % contributors.length]!, datanet, essay(i, 8))
  return { stage, datanet }
}

/** Gas of publishing, of a first and a second settlement, of maturing them, and of a holder's withdrawal. */
export function lineageCosts(contributions: number): { clusters: bigint; gas: bigint[]; faults: string[] } {
  const { stage, datanet } = stageOf(contributions)
  const { world } = stage
  const version = stage.liveVersion([datanet])
  const published = world.gasUsed
  const channel = stage.openChannel()
  const settle = (n: bigint): bigint => {
    const entries = [0, 1, 2].map((row) => ({ row, cluster: BigInt(row + 1), raw: 60_000 - row, scale: 100 }))
    if (stage.settle(stage.leaf({ channel, version, n, entries })) !== 1n) throw new Error('the leaf was not settled')
    return world.gasUsed
  }
  const settled = [settle(1n), settle(2n)]
  world.pass(24n)
  const { gasUsed } = world.mature()
  world.pass(24n)
  const holder = actor(100).address
  world.send(holder, 'attribution', 'withdrawIncome', [datanet])
  const withdrawn = world.gasUsed
  const clusters = world.send(holder, 'datanets', 'clusterCount', [])
  return { clusters, gas: [published, ...settled, gasUsed, withdrawn], faults: world.audit() }
}
