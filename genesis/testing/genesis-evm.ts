/** Block 0's accounts under @ethereumjs/evm, to see predeploys run. Not the chain: no blocks, no fees, no native contracts. */
import { createBlock } from '@ethereumjs/block'
import { createCustomCommon, Hardfork, Mainnet } from '@ethereumjs/common'
import { createEVM } from '@ethereumjs/evm'
import { SimpleStateManager } from '@ethereumjs/statemanager'
import { createAccount, createAddressFromString, hexToBytes, setLengthLeft } from '@ethereumjs/util'
import { bytesToHex, type Hex } from 'viem'
import type { Address } from '../addresses.ts'
import type { Allocation } from '../allocations.ts'

export type Call = { from: Address; to: Address; data?: Hex; value?: bigint }
export type CallOutcome = { data: Hex; failed: boolean; logs: { address: Address; topics: Hex[]; data: Hex }[] }

export type GenesisEvm = {
  /** Runs a call and keeps what it wrote, unless it failed. */
  call: (call: Call) => Promise<CallOutcome>
  balanceOf: (address: Address) => Promise<bigint>
  /** All slots of an account that are not zero. */
  storageOf: (address: Address) => Record<Hex, Hex>
}

/** `timestamp` in seconds. */
export async function genesisEvm(allocations: Allocation[], chainId: number, timestamp: bigint): Promise<GenesisEvm> {
  const common = createCustomCommon({ chainId, name: 'sample' }, Mainnet, { hardfork: Hardfork.Prague })
  const stateManager = new SimpleStateManager({ common })
  for (const { address, balance, nonce, code, storage } of allocations) {
    const account = createAddressFromString(address)
    await stateManager.putAccount(account, createAccount({ balance, nonce }))
    if (code) await stateManager.putCode(account, hexToBytes(code))
    for (const [slot, value] of Object.entries(storage ?? {})) {
      await stateManager.putStorage(account, hexToBytes(slot as Hex), setLengthLeft(hexToBytes(value), 32))
    }
  }
  const evm = await createEVM({ common, stateManager })
  const block = createBlock({ header: { timestamp, baseFeePerGas: 7n, gasLimit: 30_000_000n } }, { common })
  return {
    call: async ({ from, to, data = '0x', value = 0n }) => {
      const { execResult } = await evm.runCall({
        block,
        caller: createAddressFromString(from),
        origin: createAddressFromString(from),
        to: createAddressFromString(to),
        data: hexToBytes(data),
        value,
        gasLimit: 20_000_000n,
      })
      const logs = (execResult.logs ?? []).map(([address, topics, logData]) => ({
        address: bytesToHex(address),
        topics: topics.map((topic) => bytesToHex(topic)),
        data: bytesToHex(logData),
      }))
      return { data: bytesToHex(execResult.returnValue), failed: execResult.exceptionError !== undefined, logs }
    },
    balanceOf: async (address) => (await stateManager.getAccount(createAddressFromString(address)))?.balance ?? 0n,
    storageOf: (address) => {
      const written = [...stateManager.storageStack.at(-1)!]
        .filter(([key, value]) => key.startsWith(`${address}_`) && value.some((byte) => byte !== 0))
        .map(([key, value]) => [key.slice(address.length + 1), bytesToHex(setLengthLeft(value, 32))] as const)
      return Object.fromEntries(written.sort(([a], [b]) => (a < b ? -1 : 1)))
    },
  }
}
