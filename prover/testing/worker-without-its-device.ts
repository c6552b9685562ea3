/** A worker process for tests that cannot have the device that it was told to use. */
import { WORKER_PROTOCOL } from '../work/messages.ts'

process.send?.({ v: WORKER_PROTOCOL, type: 'refused', reason: 'no adapter answers' }, () => process.exit(1))
