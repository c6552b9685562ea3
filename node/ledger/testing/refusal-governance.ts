/** For refusals.test.ts: the lines of what the governor alone may do, by contract. */
import { NATIVE } from '../../../genesis/addresses.ts'
import { GOVERNOR } from './ledger-harness.ts'
import { type Rows, refuses, UNKNOWN } from './refusal-row.ts'

const from = { address: GOVERNOR }
const ZERO_ADDRESS = `0x${'0'.repeat(40)}`
const PERSON = `0x${'12'.repeat(20)}`

export const GOVERNED_DATANETS: Rows = {
  setWeight: [
    refuses([1n, 1], 'NotGovernor'),
    refuses([1n, 10_001], 'InvalidField weightBps', { from }),
    refuses([UNKNOWN, 1], 'UnknownDatanet', { from }),
    refuses([1n, 1], 'InvalidField call', { from }),
  ],
  weightOf: [refuses([UNKNOWN], 'UnknownDatanet')],
}

export const GOVERNED_TREASURY: Rows = {
  grant: [
    refuses([PERSON, 1n], 'NotGovernor'),
    refuses([ZERO_ADDRESS, 1n], 'InvalidField recipient', { from }),
    refuses([NATIVE.attribution, 1n], 'InvalidField recipient', { from }),
    refuses([PERSON, 0n], 'InvalidField amount', { from }),
    refuses([PERSON, 2n ** 256n - 1n], 'TreasuryTooSmall', { from }),
  ],
}
