/** Lines about long work for whoever waits: a stage that is counted is told some twenty times, its end always. */

/** A line, such as a command prints. */
export type Progress = (line: string) => void

const LINES = 20

/** A teller of how many of a stage are done. */
export function counted(progress: Progress, stage: string): (done: number, total: number) => void {
  return (done, total) => {
    if (done === total || done % Math.ceil(total / LINES) === 0) progress(`${stage}: ${done} of ${total}`)
  }
}
