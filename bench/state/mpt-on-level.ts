/** The peer: @ethereumjs/mpt over a LevelDB, its nodes by their hashes, written in one batch a block (a checkpoint). */
import { createMPT, type MerklePatriciaTrie } from '@ethereumjs/mpt'
import { type BatchDBOp, type DB, ValueEncoding } from '@ethereumjs/util'
import { Level } from 'level'
import { bytesToHex, type Hex, hexToBytes } from 'viem'
import { encodeAccount } from '../../node/state/account-codec.ts'
import type { StateDiff } from '../../node/state/state-diff.ts'
import { EMPTY_ROOT } from '../../node/state/trie-node.ts'
import { keccak256 } from '../../protocol/keccak.ts'
import type { OurState } from './our-state.ts'

type Database = Level<Uint8Array, Uint8Array>

/** Nodes to a batch while the trie is copied. */
const COPIED_AT_ONCE = 20_000
/** As ours has. A cache of nodes in @ethereumjs/mpt itself is left out, as by default: with 400,000 nodes it is no faster. */
const LEVEL = { cacheSize: 64 * 1024 * 1024, writeBufferSize: 16 * 1024 * 1024, maxFileSize: 8 * 1024 * 1024 }

export class MptOnLevel {
  readonly #database: Database
  #trie: MerklePatriciaTrie | undefined

  private constructor(database: Database) {
    this.#database = database
  }

  static async open(path: string): Promise<MptOnLevel> {
    const database = new Level<Uint8Array, Uint8Array>(path, { keyEncoding: 'view', valueEncoding: 'view', ...LEVEL })
    await database.open()
    return new MptOnLevel(database)
  }

  /** Takes over a trie node by node: growing it here would take the better part of an hour. */
  async copy(source: OurState): Promise<void> {
    let batch = this.#database.batch()
    for (const rlp of source.nodes()) {
      if (rlp.length >= 32) batch.put(keccak256(rlp), rlp)
      if (batch.length < COPIED_AT_ONCE) continue
      await batch.write()
      batch = this.#database.batch()
    }
    await batch.write()
    this.#trie = await createMPT({
      db: new LevelNodes(this.#database),
      root: hexToBytes(source.root),
      valueEncoding: ValueEncoding.Bytes,
    })
  }

  async update(diff: StateDiff): Promise<Hex> {
    const trie = this.#trie!
    trie.checkpoint()
    for (const [address, account] of diff.accounts) {
      const value = account && encodeAccount({ ...account, storageRoot: EMPTY_ROOT }).slice()
      await trie.put(keccak256(hexToBytes(address)), value)
    }
    await trie.commit()
    return bytesToHex(trie.root())
  }

  async close(): Promise<void> {
    await this.#database.close()
  }
}

/** What @ethereumjs/mpt asks of a database; it names keys by unprefixed hex. */
class LevelNodes implements DB<string, Uint8Array> {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return this.#database.getSync(Buffer.from(key, 'hex'))
  }

  async put(key: string, value: Uint8Array): Promise<void> {
    await this.#database.put(Buffer.from(key, 'hex'), value)
  }

  async del(key: string): Promise<void> {
    await this.#database.del(Buffer.from(key, 'hex'))
  }

  async batch(operations: BatchDBOp<string, Uint8Array>[]): Promise<void> {
    const batch = this.#database.batch()
    for (const operation of operations) {
      const key = Buffer.from(operation.key, 'hex')
      if (operation.type === 'put') batch.put(key, operation.value)
      else batch.del(key)
    }
    await batch.write()
  }

  shallowCopy(): DB<string, Uint8Array> {
    return new LevelNodes(this.#database)
  }

  async open(): Promise<void> {}
}
