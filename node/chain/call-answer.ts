/** Where a call is answered: on the main thread as long as it is short, else in a thread of its own. */
import type { Hex } from 'viem'
import type { CallModules } from '../execution/call.ts'
import { WorkLimitError } from '../execution/work-meter.ts'
import { StateUnavailableError } from '../state/history.ts'
import type { CallThreads, LongAnswer, LongCall } from './call-threads.ts'

/** Work of a call that is answered on the main thread: a few milliseconds (docs/decisions). */
const WORK_HERE = 50_000

export type AnsweringModules = Pick<CallModules, 'config' | 'natives'> & {
  calls?: Pick<CallThreads, 'run'>
  /** Of the canonical block on whose state the call runs, as it is now. */
  hash: () => Hex | undefined
}

export async function answerCall<Answer extends LongAnswer>(
  { config, natives, calls, hash }: AnsweringModules,
  call: LongCall,
  here: (modules: CallModules) => Promise<Answer>,
): Promise<Answer> {
  if (calls === undefined) return here({ config, natives })
  try {
    return await here({ config, natives, meter: { left: WORK_HERE } })
  } catch (error) {
    if (!(error instanceof WorkLimitError)) throw error
  }
  const before = hash()
  const answer = await calls.run(call)
  if (hash() !== before) throw new StateUnavailableError(`block ${call.header.number} has been reverted`)
  // The thread runs the function that `here` runs.
  return answer as Answer
}
