/** The bridge on one network that all suites share. Each test has accounts of its own, so that they wait side by side. */
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { BridgeNetwork, hasAnvil, PATIENCE } from './bridge-network.ts'
import { DEPOSITORS, describeDeposits } from './deposits.ts'
import { describeFees, FEE_PAYERS } from './fees.ts'
import { CENSORED, describeForcedInclusion } from './forced-inclusion.ts'
import { describeMessages, MESSENGERS } from './messages.ts'
import { describeProposals, ROBBERS } from './proposals.ts'
import { describeRollupNode } from './rollup-node.ts'
import { describeTools, TOOL_USERS } from './tools.ts'
import { describeWithdrawals, WITHDRAWERS } from './withdrawals.ts'

describe.skipIf(!hasAnvil)('the bridge', () => {
  let network: BridgeNetwork
  beforeAll(async () => {
    const users = [WITHDRAWERS, DEPOSITORS, MESSENGERS, CENSORED, FEE_PAYERS, TOOL_USERS, ROBBERS]
    network = await BridgeNetwork.start(users.flat())
  }, PATIENCE)
  afterAll(async () => {
    await network?.stop()
    expect(network?.defects).toEqual([])
  })

  describe.concurrent('while nobody lies', () => {
    describeWithdrawals(() => network)
    describeDeposits(() => network)
    describeMessages(() => network)
    describeForcedInclusion(() => network)
    describeFees(() => network)
    describeTools(() => network)
  })
  describeProposals(() => network)
  describeRollupNode(() => network)
})
