/** A stage that gives what a test puts into it, and the log of what other stages refused. */
import type { L1BlockRef } from '../../l1/source.ts'
import type { Stage } from '../stage.ts'

export const refOf = (number: bigint, timestamp = 0n): L1BlockRef => {
  const hash = (of: bigint) => `0x${of.toString(16).padStart(64, '0')}` as const
  return { number, hash: hash(number), parentHash: hash(number - 1n), timestamp }
}

export class ListStage<T> implements Stage<T> {
  origin: L1BlockRef = refOf(1n)
  values: T[]

  constructor(values: T[] = []) {
    this.values = values
  }

  async next(): Promise<T | undefined> {
    return this.values.shift()
  }

  reset(): void {
    this.values = []
  }
}

/** Everything that a stage has to give now. */
export async function drain<T>(stage: { next(): Promise<T | undefined> }): Promise<T[]> {
  const all: T[] = []
  for (let value = await stage.next(); value !== undefined; value = await stage.next()) all.push(value)
  return all
}

export function dropLog(): { onDropped: (stage: string, reason: string) => void; reasons: string[] } {
  const reasons: string[] = []
  return { reasons, onDropped: (stage, reason) => reasons.push(`${stage}: ${reason}`) }
}
