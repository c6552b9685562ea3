/**
 * The losses of a run, on disk, across all its sittings: one JSON line per step. A run that goes on from an older checkpoint takes its
 * steps again; what stood there for them is replaced. The file is a record for people and for the card; no bit of the model depends on it,
 * so its lines are not synced one by one, and a torn last line is dropped.
 */
import { appendFile, readFile } from 'node:fs/promises'
import { z } from 'zod'
import { replaceFile } from '../model/small-file.ts'

const pointSchema = z.object({
  step: z.number().int().positive(),
  tokens: z.number(),
  /** In nats per token. */
  loss: z.number(),
  validationLoss: z.number().optional(),
  learningRate: z.number(),
})

export type LossPoint = z.output<typeof pointSchema>

const lineOf = (point: LossPoint) => `${JSON.stringify(point)}\n`

export class LossCurve {
  readonly #path: string
  #points: LossPoint[]

  private constructor(path: string, points: LossPoint[]) {
    this.#path = path
    this.#points = points
  }

  /** Reads what is there, up to the first line that cannot be read. */
  static async open(path: string): Promise<LossCurve> {
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
      throw error
    })
    const points: LossPoint[] = []
    for (const line of text.split('\n').slice(0, -1)) {
      const parsed = parsePoint(line)
      if (!parsed) break
      points.push(parsed)
    }
    const curve = new LossCurve(path, points)
    await curve.#rewrite()
    return curve
  }

  get points(): readonly LossPoint[] {
    return this.#points
  }

  async add({ step, tokens, loss, validationLoss, learningRate }: LossPoint): Promise<void> {
    const point = { step, tokens, loss, ...(validationLoss !== undefined && { validationLoss }), learningRate }
    const before = this.#points.filter((other) => other.step < step)
    const again = before.length < this.#points.length
    this.#points = [...before, point]
    if (again) await this.#rewrite()
    else await appendFile(this.#path, lineOf(point))
  }

  async #rewrite(): Promise<void> {
    await replaceFile(this.#path, [new TextEncoder().encode(this.#points.map(lineOf).join(''))])
  }
}

function parsePoint(line: string): LossPoint | undefined {
  try {
    return pointSchema.safeParse(JSON.parse(line)).data
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** A row of a table of the curve: its last step, the mean loss of the steps since the row before, the last validation loss among them. */
export type CurveRow = { step: number; tokens: number; loss: number; validationLoss: number | undefined }

/** At most `rows` rows of as many steps each. */
export function curveTable(points: readonly LossPoint[], rows: number): CurveRow[] {
  const size = Math.max(1, Math.ceil(points.length / rows))
  return Array.from({ length: Math.ceil(points.length / size) }, (_, index) => {
    const part = points.slice(index * size, (index + 1) * size)
    const last = part.at(-1)!
    return {
      step: last.step,
      tokens: last.tokens,
      loss: part.reduce((total, { loss }) => total + loss, 0) / part.length,
      validationLoss: part.findLast(({ validationLoss }) => validationLoss !== undefined)?.validationLoss,
    }
  })
}
