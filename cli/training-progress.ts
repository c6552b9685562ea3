/** The course of a training as lines for people: what it is at, how far, and how long it will take. */
import type { TuneEvent } from '../prover/tune/tuning.ts'

/** Milliseconds between two lines of one stage. */
const RHYTHM = 5_000

/** A listener that shows the beginning and the end of each stage, and a line now and then between. */
export function trainingProgress(
  show: (line: string) => void,
  now: () => number = Date.now,
): (event: TuneEvent) => void {
  let [stage, shownAt] = ['', 0]
  return (event) => {
    const { name, line, ends } = described(event)
    if (name === stage && !ends && now() - shownAt < RHYTHM) return
    stage = name
    shownAt = now()
    show(line)
  }
}

function described(event: TuneEvent): { name: string; line: string; ends: boolean } {
  const count = (value: number) => Math.round(value).toLocaleString('en-US')
  if (event.type === 'planned') {
    const { windows, tokens, steps } = event
    return { name: 'plan', line: `training on ${windows} texts of ${count(tokens)} tokens, ${steps} steps`, ends: true }
  }
  if (event.type === 'step') {
    const { step, steps, loss, tokensPerSecond, secondsLeft } = event
    const pace = `${count(tokensPerSecond)} tokens/s, ${count(secondsLeft)} s left`
    return {
      name: 'step',
      line: `training: step ${step} of ${steps}, loss ${loss.toFixed(3)}, ${pace}`,
      ends: step === steps,
    }
  }
  const { done, total } = event
  const name = event.type === 'rows' ? 'rows' : `curvature (${event.stage})`
  return { name, line: `${name}: ${done} of ${total}`, ends: done === total }
}
