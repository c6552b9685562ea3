/** The ledger inside the EVM: called from a transaction, from a contract, and inside a contract that reverts. */
import { concatHex, encodeFunctionData, type Hex } from 'viem'
import { describe, expect, it } from 'vitest'
import { datanetsAbi } from '../../../genesis/abi/datanets.ts'
import { type Address, MATURING_DEPOSITOR, NATIVE, PREDEPLOYS } from '../../../genesis/addresses.ts'
import { PARAMETERS, parameterDefaults, parameterSlot } from '../../../genesis/parameters.ts'
import { keccak256 } from '../../../protocol/keccak.ts'
import { createEngine } from '../../execution/evm/engine.ts'
import { type FixtureAccounts, fixtureChain } from '../../execution/execution-fixture.ts'
import { JOVIAN_RULES } from '../../execution/op-rules.ts'
import { StateOverlay } from '../../execution/state-overlay.ts'
import { createLedger } from '../ledger.ts'
import { COMMIT_BOND, word } from '../testing/ledger-stage.ts'
import { bytesOf, hexOf } from './face.ts'

const ALICE: Address = '0xa11ce00000000000000000000000000000000001'
const CALLS: Address = '0xca11000000000000000000000000000000000001'
const REVERTS: Address = '0xca11000000000000000000000000000000000002'

/** Passes calldata and value on to Datanets by CALL, then ends as told. */
const caller = (end: Hex): Uint8Array =>
  bytesOf(concatHex(['0x366000600037', '0x6000600036600034', `0x73${NATIVE.datanets.slice(2)}`, '0x5af1', end]))

const parameters = Object.fromEntries(
  Object.entries(parameterDefaults('development')).map(([name, value]) => [
    parameterSlot(PARAMETERS[name as keyof typeof PARAMETERS].id),
    value,
  ]),
)
const accounts: FixtureAccounts = {
  [ALICE]: { balance: 10n ** 18n },
  [NATIVE.datanets]: { nonce: 1n, code: bytesOf('0xfe') },
  [NATIVE.parameters]: { nonce: 1n, code: bytesOf('0xfe'), storage: parameters },
  [CALLS]: { nonce: 1n, code: caller('0x00') },
  [REVERTS]: { nonce: 1n, code: caller('0x60006000fd') },
}

const commit = encodeFunctionData({ abi: datanetsAbi, functionName: 'commit', args: [word(5)] })

async function send(to: Address) {
  const { state } = await fixtureChain(accounts)
  const overlay = new StateOverlay(state)
  const header = { number: 5n, timestamp: 6n, beneficiary: ALICE, gasLimit: 30_000_000n, baseFeePerGas: 1n }
  const block = { ...header, prevRandao: word(7) }
  const engine = createEngine({ rules: JOVIAN_RULES, chainId: 901n, natives: createLedger(), overlay, block })
  const message = { caller: ALICE, to, value: COMMIT_BOND, data: bytesOf(commit), gasLimit: 1_000_000n, gasPrice: 1n }
  const result = engine.run({ ...message, accessList: [], warmAddresses: [] })
  const owners: Address[] = []
  for (const owner of [ALICE, CALLS, REVERTS]) {
    const data = bytesOf(encodeFunctionData({ abi: datanetsAbi, functionName: 'commitmentOf', args: [owner, word(5)] }))
    const read = { ...message, to: NATIVE.datanets, value: 0n, data }
    const found = engine.run({ ...read, accessList: [], warmAddresses: [] })
    if (BigInt(hexOf(found.returnData)) !== 0n) owners.push(owner)
  }
  return { result, owners, bond: overlay.balance(NATIVE.datanets) }
}

describe('a native call', () => {
  it('from a transaction belongs to its sender', async () => {
    const { result, owners, bond } = await send(NATIVE.datanets)
    expect(result).toMatchObject({ failure: undefined })
    expect(result.logs).toHaveLength(1)
    expect({ owners, bond }).toEqual({ owners: [ALICE], bond: COMMIT_BOND })
  })

  it('from a contract belongs to the contract', async () => {
    const { result, owners, bond } = await send(CALLS)
    expect(result).toMatchObject({ failure: undefined })
    expect({ owners, bond }).toEqual({ owners: [CALLS], bond: COMMIT_BOND })
  })

  it('is undone by a revert around it', async () => {
    const { result, owners, bond } = await send(REVERTS)
    expect(result).toMatchObject({ failure: 'revert', logs: [] })
    expect({ owners, bond }).toEqual({ owners: [], bond: 0n })
  })
})

it('the maturing deposit reads the L1 number that the same block has written, and records its draw', async () => {
  const { state } = await fixtureChain({
    [NATIVE.attribution]: { nonce: 1n, code: bytesOf('0xfe') },
    [PREDEPLOYS.l1Block]: { nonce: 1n, code: bytesOf('0x00'), storage: { [word(0)]: (99n << 64n) | 1n } },
  })
  const overlay = new StateOverlay(state)
  overlay.setStorage(PREDEPLOYS.l1Block, word(0), (100n << 64n) | 7n)
  const header = { number: 5n, timestamp: 6n, beneficiary: ALICE, gasLimit: 30_000_000n, baseFeePerGas: 1n }
  const block = { ...header, prevRandao: word(7) }
  const engine = createEngine({ rules: JOVIAN_RULES, chainId: 901n, natives: createLedger(), overlay, block })
  const message = { caller: MATURING_DEPOSITOR, to: NATIVE.attribution, value: 0n, data: new Uint8Array(0) }
  const result = engine.run({ ...message, gasLimit: 4_500_000n, gasPrice: 0n, accessList: [], warmAddresses: [] })
  expect(result).toMatchObject({ failure: undefined })
  const place = hexOf(keccak256(bytesOf(concatHex([word(7), word(10)]))))
  const drawn = BigInt(hexOf(keccak256(bytesOf(word(7))))) >> 64n
  expect(overlay.storage(NATIVE.attribution, place)).toBe((drawn << 64n) | 7n)
})
