/** Puts checkpoints on record as training reaches them: in order, each once, and never against what is on record already. */
import { confirmTransaction, recordStep } from '../client/index.ts'
import type { ProverClient } from './gateway/viem-prover-chain.ts'
import { PublicationError, type StepOnRecord, stepsOnRecord } from './publication.ts'

export class StepRecorder {
  readonly #client: ProverClient
  readonly #run: bigint
  readonly #onRecord: StepOnRecord[]
  readonly #onFailure: (error: Error) => void
  /** Steps that were given so far, in their order. */
  readonly #given = new Map<number, StepOnRecord>()
  #turn: Promise<void> = Promise.resolve()

  private constructor(client: ProverClient, run: bigint, onRecord: StepOnRecord[], onFailure: (error: Error) => void) {
    this.#client = client
    this.#run = run
    this.#onRecord = onRecord
    this.#onFailure = onFailure
  }

  /** `onFailure` hears of the first step that cannot be recorded: nothing after it will be. */
  static async open(
    client: ProverClient,
    run: bigint,
    { onFailure }: { onFailure: (error: Error) => void },
  ): Promise<StepRecorder> {
    return new StepRecorder(client, run, await stepsOnRecord(client, run), onFailure)
  }

  /** A checkpoint of the training, ascending. Returns at once; a step that comes again, after a restart, is recorded already. */
  record(step: StepOnRecord): void {
    const known = this.#given.get(step.step)
    const index = this.#given.size
    this.#given.set(step.step, step)
    this.#turn = this.#turn.then(() => (known ? this.#checkSame(known, step) : this.#recordAt(index, step)))
    this.#turn.catch(this.#onFailure)
  }

  /** Resolves when all that was given is on record; rejects as soon as that cannot be. */
  recorded(): Promise<void> {
    return this.#turn
  }

  async #recordAt(index: number, { step, lossMicro, checkpointHash }: StepOnRecord): Promise<void> {
    const known = this.#onRecord[index]
    if (!known) {
      const hash = await recordStep(this.#client, {
        run: this.#run,
        step,
        lossMicro: BigInt(lossMicro),
        checkpointHash,
      })
      await confirmTransaction(this.#client, { hash })
      this.#onRecord.push({ step, lossMicro, checkpointHash })
      return
    }
    this.#checkSame(known, { step, lossMicro, checkpointHash })
  }

  #checkSame(known: StepOnRecord, now: StepOnRecord): void {
    if (known.step === now.step && known.checkpointHash === now.checkpointHash && known.lossMicro === now.lossMicro)
      return
    throw new PublicationError(
      `run ${this.#run}: on record is ${shown(known)}, this training gives ${shown(now)}: it is not the same training`,
    )
  }
}

const shown = ({ step, lossMicro, checkpointHash }: StepOnRecord) =>
  `step ${step} with loss ${lossMicro / 1e6} and checkpoint ${checkpointHash}`
