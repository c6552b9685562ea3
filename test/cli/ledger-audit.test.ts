/** `--audit` on a whole node: silent while all is well, through value coming and going; loud where the state is wrong. */
import { parseEther } from 'viem'
import { describe, expect, it } from 'vitest'
import { auditLedger } from '../../cli/ledger-audit.ts'
import { STAKE_ROLE } from '../../genesis/abi/staking.ts'
import { NATIVE } from '../../genesis/addresses.ts'
import { ACCOUNTS } from '../../node/chain/testing/test-chain.ts'
import type { StateReader } from '../../node/state/reader.ts'
import { WholeNode } from '../fixtures/whole-node.ts'

describe('a node that audits', () => {
  it('finds nothing where all is well, and names what a contract owes beyond what it holds', async () => {
    const node = await WholeNode.start()
    try {
      const faults: Error[] = []
      const stop = auditLedger(node.chain, (error) => faults.push(error))
      await node.mined(node.wallet(ACCOUNTS[1]!).stake({ role: STAKE_ROLE.prover, amount: parseEther('20') }))
      await node.mined(node.wallet().openChannel({ receiver: ACCOUNTS[1]!.address, deposit: parseEther('3') }))
      await stop()
      expect(faults).toEqual([])

      // The same chain, but that somebody has taken a wei out of the escrow.
      const poor = (state: StateReader): StateReader => ({
        account: (address) => {
          const account = state.account(address)
          return account && address === NATIVE.channels ? { ...account, balance: account.balance - 1n } : account
        },
        storage: (address, slot) => state.storage(address, slot),
        code: (hash) => state.code(hash),
      })
      const chain = {
        config: node.chain.config,
        head: node.chain.head.bind(node.chain),
        blockByNumber: node.chain.blockByNumber.bind(node.chain),
        receipts: node.chain.receipts.bind(node.chain),
        onHead: node.chain.onHead.bind(node.chain),
        stateAt: async (number: bigint) => poor(await node.chain.stateAt(number)),
      }
      const found = await new Promise<Error>((resolve) => auditLedger(chain, resolve))
      const deposit = parseEther('3')
      expect(found.message).toBe(`after block 2: channels holds ${deposit - 1n} wei and owes ${deposit}`)
    } finally {
      await node.stop()
    }
  })
})
