/** Grants out of the treasury (docs/protocol.md, "Governance"): what has matured there, by the governor's word alone. */
import { NATIVE } from '../../../genesis/addresses.ts'
import { type AttributionHandlers, face } from '../attribution/attribution-face.ts'
import { treasury } from '../attribution/attribution-records.ts'
import { plainAddress } from '../calls/face.ts'
import { governorOf } from './governor.ts'

/** A grant to one of these would be locked there: they take wei only for what they record. */
const NO_RECIPIENTS: ReadonlySet<string> = new Set([
  '0x0000000000000000000000000000000000000000',
  ...Object.values(NATIVE),
])

export const treasuryGrants: Pick<AttributionHandlers, 'grant'> = {
  grant(context, [to, amount]) {
    const governor = governorOf(context)
    if (context.call.caller !== governor) throw face.error('NotGovernor', [context.call.caller, governor])
    const recipient = plainAddress(to)
    if (NO_RECIPIENTS.has(recipient))
      throw face.error('InvalidField', ['recipient', 'must not be the zero address or a native contract'])
    if (amount === 0n) throw face.error('InvalidField', ['amount', 'must not be 0'])
    const held = context.read(treasury)
    if (amount > held) throw face.error('TreasuryTooSmall', [amount, held])
    context.write(treasury, held - amount)
    context.transfer(NATIVE.attribution, recipient, amount)
    face.emit(context, 'Granted', { recipient, amount })
  },
}
