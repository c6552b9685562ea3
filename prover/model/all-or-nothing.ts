/** Work that allocates what is to stay: where it throws, nothing of it stays. */
import type { Kernel } from '../kernel/f32.ts'

export function allOrNothing<Result>({ arena }: Kernel, work: () => Result): Result {
  const mark = arena.mark()
  try {
    return work()
  } catch (error) {
    arena.release(mark)
    throw error
  }
}
