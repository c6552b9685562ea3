/** Runs a generator to its end: what it yielded, and what it returned. */
export async function drain<Event, Result>(
  events: AsyncGenerator<Event, Result, void>,
): Promise<{ events: Event[]; result: Result }> {
  const seen: Event[] = []
  for (;;) {
    const next = await events.next()
    if (next.done) return { events: seen, result: next.value }
    seen.push(next.value)
  }
}
