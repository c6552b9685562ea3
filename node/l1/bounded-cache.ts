/** A map that forgets its oldest entry when it is full. For data named by its hash, which never goes stale. */
export class BoundedCache<K, V> {
  readonly #limit: number
  readonly #entries = new Map<K, V>()

  constructor(limit: number) {
    this.#limit = limit
  }

  get(key: K): V | undefined {
    return this.#entries.get(key)
  }

  set(key: K, value: V): void {
    this.#entries.delete(key)
    this.#entries.set(key, value)
    if (this.#entries.size <= this.#limit) return
    const oldest = this.#entries.keys().next()
    if (!oldest.done) this.#entries.delete(oldest.value)
  }

  /** The cached value, or what `load` gives, cached unless undefined. */
  async load(key: K, load: () => Promise<V>): Promise<V> {
    const cached = this.#entries.get(key)
    if (cached !== undefined) return cached
    const value = await load()
    if (value !== undefined) this.set(key, value)
    return value
  }
}
