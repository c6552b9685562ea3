/**
 * The steps of a run across all its sittings, one JSON line each: what was told of them, and the files of those that have a checkpoint on
 * record. A step that is not here is taken again, so lines need no sync, and a torn last line is dropped.
 */
import { appendFile, readFile } from 'node:fs/promises'
import type { Hex } from 'viem'
import { z } from 'zod'
import { replaceFile } from '../model/small-file.ts'

const hash = z.custom<Hex>((value) => typeof value === 'string' && /^0x[0-9a-f]{64}$/.test(value))
const file = z.strictObject({ name: z.string(), size: z.number(), hash })

const lineSchema = z.strictObject({
  step: z.number().int().positive(),
  loss: z.number(),
  tokensPerSecond: z.number(),
  secondsLeft: z.number(),
  checkpoint: z.strictObject({ hash, files: z.array(file) }).optional(),
})

export type JournalStep = z.output<typeof lineSchema>

const lineOf = (step: JournalStep) => `${JSON.stringify(step)}\n`

export class StepJournal {
  readonly #path: string
  #steps: JournalStep[]

  private constructor(path: string, steps: JournalStep[]) {
    this.#path = path
    this.#steps = steps
  }

  /** Reads steps 1, 2, … up to the first line that is none of them. */
  static async open(path: string): Promise<StepJournal> {
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
      throw error
    })
    const steps: JournalStep[] = []
    for (const line of text.split('\n').slice(0, -1)) {
      const step = parseLine(line)
      if (step?.step !== steps.length + 1) break
      steps.push(step)
    }
    return new StepJournal(path, steps)
  }

  get steps(): readonly JournalStep[] {
    return this.#steps
  }

  /** Forgets the steps after this one, and whatever was torn. */
  async cutAfter(step: number): Promise<void> {
    this.#steps = this.#steps.slice(0, step)
    await replaceFile(this.#path, [new TextEncoder().encode(this.#steps.map(lineOf).join(''))])
  }

  async add(step: JournalStep): Promise<void> {
    if (step.step !== this.#steps.length + 1) throw new Error(`step ${step.step} after ${this.#steps.length}`)
    this.#steps.push(step)
    await appendFile(this.#path, lineOf(step))
  }
}

function parseLine(line: string): JournalStep | undefined {
  try {
    return lineSchema.safeParse(JSON.parse(line)).data
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
