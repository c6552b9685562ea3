/**
 * Gas and limits that forks changed, named after the Yellow Paper's and the EIPs' own words: one table, an entry naming what
 * differs from the fork before it. Costs that never changed stand with their instructions.
 */
import { FORKS, type Fork } from '../fork.ts'

export type Schedule = {
  /** EXP, for each byte of the exponent (EIP-160). */
  expByte: number
  balance: number
  /** EXTCODESIZE, EXTCODECOPY. */
  extCode: number
  extCodeHash: number
  sload: number
  /** CALL, CALLCODE, DELEGATECALL, STATICCALL. */
  call: number
  selfDestruct: number
  /** To an account that SELFDESTRUCT brings into being. */
  selfDestructNewAccount: number
  selfDestructRefund: number
  /** How SSTORE is metered: by what it does alone, or against the value at the transaction's start (EIP-1283, EIP-2200). */
  netMetering: boolean
  /** SSTORE fails where no more gas is left (EIP-2200). */
  sstoreSentry: number
  /** SSTORE that changes nothing, or a slot that has changed already. */
  sstoreDirty: number
  /** SSTORE that changes a slot that held something. */
  sstoreReset: number
  sstoreClearRefund: number
  /** EIP-2929; 0 where nothing is cold. */
  coldAccount: number
  coldSlot: number
  warmAccess: number
  /** A call hands on no more than all but one 64th (EIP-150). */
  keepsSixtyFourth: boolean
  /** Accounts come into being by value alone; created contracts begin with nonce 1; codes have a limit (EIP-158, 161, 170). */
  hasEmptyAccounts: boolean
  /** Creating fails where the code cannot be paid for (EIP-2). */
  codeDepositFails: boolean
  /** New code must not begin with 0xef (EIP-3541). */
  reservesEf: boolean
}

const FRONTIER: Schedule = {
  expByte: 10,
  balance: 20,
  extCode: 20,
  extCodeHash: 0,
  sload: 50,
  call: 40,
  selfDestruct: 0,
  selfDestructNewAccount: 0,
  selfDestructRefund: 24_000,
  netMetering: false,
  sstoreSentry: 0,
  sstoreDirty: 0,
  sstoreReset: 5_000,
  sstoreClearRefund: 15_000,
  coldAccount: 0,
  coldSlot: 0,
  warmAccess: 0,
  keepsSixtyFourth: false,
  hasEmptyAccounts: true,
  codeDepositFails: false,
  reservesEf: false,
}

const CHANGES: { [Name in Fork]?: Partial<Schedule> } = {
  homestead: { codeDepositFails: true },
  tangerineWhistle: {
    balance: 400,
    extCode: 700,
    sload: 200,
    call: 700,
    selfDestruct: 5_000,
    selfDestructNewAccount: 25_000,
    keepsSixtyFourth: true,
  },
  spuriousDragon: { expByte: 50, hasEmptyAccounts: false },
  constantinople: { extCodeHash: 400, netMetering: true, sstoreDirty: 200 },
  petersburg: { netMetering: false, sstoreDirty: 0 },
  istanbul: {
    balance: 700,
    extCodeHash: 700,
    sload: 800,
    netMetering: true,
    sstoreSentry: 2_300,
    sstoreDirty: 800,
  },
  berlin: {
    balance: 0,
    extCode: 0,
    extCodeHash: 0,
    sload: 0,
    call: 0,
    sstoreDirty: 100,
    sstoreReset: 2_900,
    coldAccount: 2_600,
    coldSlot: 2_100,
    warmAccess: 100,
  },
  london: { sstoreClearRefund: 4_800, selfDestructRefund: 0, reservesEf: true },
}

const BY_FORK: Map<Fork, Schedule> = (() => {
  const table = new Map<Fork, Schedule>()
  let schedule = FRONTIER
  for (const fork of FORKS) {
    schedule = { ...schedule, ...CHANGES[fork] }
    table.set(fork, schedule)
  }
  return table
})()

export function scheduleOf(fork: Fork): Schedule {
  return BY_FORK.get(fork)!
}
