/**
 * The oracle: @ethereumjs/vm, which shares nothing with our execution but the library of point evaluations. What Ethereum does not have is added by hand: the base fee
 * that the OP Stack keeps in a vault is credited after each transaction (the VM burns it).
 */
import { createBlock } from '@ethereumjs/block'
import { createCustomCommon, Hardfork, Mainnet } from '@ethereumjs/common'
import { createMPT, type MerklePatriciaTrie } from '@ethereumjs/mpt'
import { RLP } from '@ethereumjs/rlp'
import { Caches, MerkleStateManager } from '@ethereumjs/statemanager'
import { createTxFromRLP } from '@ethereumjs/tx'
import {
  Account,
  Address,
  bytesToHex,
  createAddressFromString,
  hexToBytes,
  type PrefixedHexString,
} from '@ethereumjs/util'
import { createVM, encodeReceipt, runTx, type VM } from '@ethereumjs/vm'
import type { Hex } from 'viem'
import { PREDEPLOYS } from '../../genesis/addresses.ts'
import type { Header } from '../../node/execution/block.ts'
import { CHAIN_ID, type FixtureAccounts } from '../../node/execution/execution-fixture.ts'
import { JOVIAN_RULES } from '../../node/execution/op-rules.ts'
import { oracleP256Verify, POINT_EVALUATION } from './oracle-precompiles.ts'

export const oracleCommon = createCustomCommon({ chainId: Number(CHAIN_ID) }, Mainnet, {
  hardfork: Hardfork.Prague,
  customCrypto: { kzg: POINT_EVALUATION },
})

export type OracleTransaction = {
  gasUsed: bigint
  succeeded: boolean
  logs: { address: Hex; topics: Hex[]; data: Hex }[]
}

export type OracleBlock = {
  stateRoot: Hex
  receiptsRoot: Hex
  transactionsRoot: Hex
  transactions: OracleTransaction[]
}

export async function createOracle(accounts: FixtureAccounts): Promise<VM> {
  const stateManager = new MerkleStateManager({ common: oracleCommon, caches: new Caches() })
  const evmOpts = { customPrecompiles: [oracleP256Verify(JOVIAN_RULES.p256VerifyGas!)] }
  const vm = await createVM({ common: oracleCommon, stateManager, evmOpts })
  await stateManager.checkpoint()
  for (const [key, { balance = 0n, nonce = 0n, code, storage = {} }] of Object.entries(accounts)) {
    const address = createAddressFromString(key)
    await stateManager.putAccount(address, new Account(nonce, balance))
    if (code !== undefined) await stateManager.putCode(address, code)
    for (const [slot, value] of Object.entries(storage)) {
      await stateManager.putStorage(address, hexToBytes(slot as PrefixedHexString), minimal(value))
    }
  }
  await stateManager.commit()
  return vm
}

function minimal(value: bigint): Uint8Array {
  const digits = value.toString(16)
  return hexToBytes(`0x${digits.length % 2 === 0 ? digits : `0${digits}`}`)
}

function blockOf(header: Header) {
  return createBlock(
    {
      header: {
        number: header.number,
        gasLimit: header.gasLimit,
        timestamp: header.timestamp,
        baseFeePerGas: header.baseFeePerGas,
        mixHash: header.mixHash,
        coinbase: header.beneficiary,
      },
    },
    { common: oracleCommon, skipConsensusFormatValidation: true },
  )
}

/** Runs what our builder included, in its block. */
export async function runOracle(vm: VM, header: Header, raws: Uint8Array[]): Promise<OracleBlock> {
  const block = blockOf(header)
  const transactions: OracleTransaction[] = []
  const receipts: Uint8Array[] = []
  let gasUsed = 0n
  for (const raw of raws) {
    const tx = createTxFromRLP(raw, { common: oracleCommon })
    const result = await runTx(vm, { tx, block, blockGasUsed: gasUsed, skipHardForkValidation: true })
    gasUsed += result.totalGasSpent
    await credit(vm, PREDEPLOYS.baseFeeVault, result.totalGasSpent * header.baseFeePerGas)
    receipts.push(encodeReceipt({ ...result.receipt, cumulativeBlockGasUsed: gasUsed }, tx.type))
    transactions.push({
      gasUsed: result.totalGasSpent,
      succeeded: result.execResult.exceptionError === undefined,
      logs: result.receipt.logs.map(([address, topics, data]) => ({
        address: bytesToHex(address),
        topics: topics.map((topic) => bytesToHex(topic)),
        data: bytesToHex(data),
      })),
    })
  }
  return {
    stateRoot: bytesToHex(await vm.stateManager.getStateRoot()),
    receiptsRoot: await orderedRoot(receipts),
    transactionsRoot: await orderedRoot(raws),
    transactions,
  }
}

/** Why the oracle refuses a transaction where the block stands, or undefined where it takes it; the state stays as it is. */
export async function oracleRefusal(vm: VM, header: Header, raw: Uint8Array): Promise<string | undefined> {
  const tx = createTxFromRLP(raw, { common: oracleCommon })
  await vm.stateManager.checkpoint()
  try {
    await runTx(vm, { tx, block: blockOf(header), skipHardForkValidation: true })
    return undefined
  } catch (error) {
    return (error as Error).message
  } finally {
    await vm.stateManager.revert()
  }
}

async function credit(vm: VM, to: Hex, value: bigint): Promise<void> {
  if (value === 0n) return
  const address = new Address(hexToBytes(to))
  const account = (await vm.stateManager.getAccount(address)) ?? new Account()
  account.balance += value
  await vm.stateManager.putAccount(address, account)
}

async function orderedRoot(values: Uint8Array[]): Promise<Hex> {
  const trie: MerklePatriciaTrie = await createMPT()
  for (const [index, value] of values.entries()) await trie.put(RLP.encode(index), value)
  return bytesToHex(trie.root())
}
