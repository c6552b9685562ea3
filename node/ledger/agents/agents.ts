/**
 * Agents (native contract 07): autonomous agents' identity, balance, stake, paid work and reputation (docs/protocol.md,
 * "Agents").
 */
import { nativeContract } from '../calls/face.ts'
import { face } from './agent-face.ts'
import { agentStake } from './agent-stake.ts'
import { identity } from './identity.ts'
import { jobs } from './jobs.ts'
import { reputation } from './reputation.ts'
import { spending } from './spending.ts'

export const agents = nativeContract(face, { ...identity, ...spending, ...agentStake, ...jobs, ...reputation })
