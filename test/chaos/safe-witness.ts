/**
 * Remembers every block that a node has called safe, from start to end of a test. Such a block may be gone later only
 * where L1 itself no longer holds the block's origin.
 */
import type { ChaosL1 } from './chaos-l1.ts'
import type { ChaosNode, L2Ref } from './chaos-node.ts'

const LOOK_INTERVAL = 250

/** `seen`: when, and by which node. */
export type Sighting = L2Ref & { seen: string }

export class SafeWitness {
  readonly #seen = new Map<string, Sighting>()
  readonly #timer: NodeJS.Timeout
  /** Looks that a node did not answer: it was dead or busy just then. */
  unanswered = 0

  constructor(nodes: () => ChaosNode[]) {
    this.#timer = setInterval(() => {
      for (const node of nodes()) void this.#look(node)
    }, LOOK_INTERVAL)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** All that was called safe until now. */
  sightings(): Sighting[] {
    return [...this.#seen.values()]
  }

  async #look(node: ChaosNode): Promise<void> {
    try {
      const { safe_l2 } = await node.status()
      this.#seen.set(safe_l2.hash, { ...safe_l2, seen: `at ${new Date().toISOString()} by the ${node.kind}` })
    } catch {
      this.unanswered++
    }
  }
}

/** Which of these a node has lost; none in a good test. */
export async function lostBy(node: ChaosNode, l1: ChaosL1, sightings: readonly Sighting[]): Promise<string[]> {
  const lost: string[] = []
  for (const { number, hash, l1origin, seen } of sightings) {
    const held = await node.hashOf(number)
    if (held === hash || !(await l1.isCanonical(l1origin))) continue
    lost.push(
      `${node.kind} holds ${held} as block ${number}, ${hash} was called safe ${seen}, and L1 still has its origin ${l1origin.number}`,
    )
  }
  return lost
}
