/**
 * Whether a database's state is whole: every Merkle node hashes to what its parent holds for it, every leaf has its
 * flat record and every flat record its leaf, every code is there, and the history has no hole. Reads everything once.
 */
import type { Address } from '../../genesis/addresses.ts'
import { keccak256 } from '../../protocol/keccak.ts'
import type { Store } from '../store/store.ts'
import { TABLES, type Table } from '../store/tables.ts'
import { EMPTY_CODE_HASH, hexOf } from './account-codec.ts'
import { checkHistory } from './history.ts'
import { readOldest } from './history-window.ts'
import { changedAt, isRemoval, payloadOf } from './record.ts'
import { accountOf, accountTrieAt, NEWEST, readStateHead, storageTrieAt } from './state-records.ts'
import { BRANCH, damaged, EMPTY_ROOT, LEAF, nibbleAt, referenceOf } from './trie-node.ts'
import { type StoredNode, type TrieSource, trieRoot, walkTrie } from './trie-walk.ts'

export type CheckedState = { accounts: number; slots: number; nodes: number; codes: number; historyBlocks: number }

/** Throws an error that names the first damage. A database without a state is whole. */
export async function checkState(store: Store): Promise<CheckedState> {
  const head = readStateHead(store)
  if (head === undefined) return { accounts: 0, slots: 0, nodes: 0, codes: 0, historyBlocks: 0 }
  const newest = Number(head.number)
  const root = trieRoot(accountTrieAt(store, NEWEST))
  if (root !== head.stateRoot)
    throw damaged(`the root of the account trie is ${root}, the state of block ${head.number} has ${head.stateRoot}`)
  const accountTrie = checkTrie('the account trie', accountTrieAt(store, NEWEST))
  const { contracts, accounts } = await checkAccounts(store, newest)
  equal('accounts', accounts, 'leaves of the account trie', accountTrie.leaves)
  equal('nodes of accounts', await liveRecords(store, TABLES.accountNodes, newest), 'nodes reached', accountTrie.nodes)
  const slots = await recordsByAddress(store, TABLES.slots, newest)
  const slotNodes = await recordsByAddress(store, TABLES.slotNodes, newest)
  let nodes = accountTrie.nodes
  for (const [address, storageRoot] of contracts) {
    const storage = storageTrieAt(store, NEWEST, address)
    const found = trieRoot(storage)
    if (found !== storageRoot)
      throw damaged(`the storage root of ${address} is ${found}, its account says ${storageRoot}`)
    const trie = checkTrie(`the storage trie of ${address}`, storage)
    equal(`slots of ${address}`, slots.get(address) ?? 0, 'leaves of its trie', trie.leaves)
    equal(`storage nodes of ${address}`, slotNodes.get(address) ?? 0, 'nodes reached', trie.nodes)
    nodes += trie.nodes
    slotNodes.delete(address)
  }
  for (const address of [...slots.keys(), ...slotNodes.keys()]) {
    if (!contracts.has(address)) throw damaged(`there is storage of ${address}, whose account has none`)
  }
  return {
    accounts,
    slots: [...slots.values()].reduce((sum, count) => sum + count, 0),
    nodes,
    codes: await checkCodes(store),
    historyBlocks: await checkHistory(store, Number(readOldest(store)), newest),
  }
}

function equal(what: string, count: number, other: string, otherCount: number): void {
  if (count !== otherCount) throw damaged(`${count} ${what}, but ${otherCount} ${other}`)
}

/** Nodes and leaves of a trie whose every node hashes to what its parent holds for it. */
function checkTrie<Value>(name: string, source: TrieSource<Value>): { nodes: number; leaves: number } {
  let nodes = 0
  let leaves = 0
  const leafBits = new Map<string, number>()
  for (const node of walkTrie(source)) {
    nodes++
    if (node.key !== undefined) leaves++
    const fault = nodeFault(node, leafBits)
    if (fault !== undefined) throw damaged(`${name}, node at path [${node.path}]: ${fault}`)
  }
  return { nodes, leaves }
}

/** What is wrong with a node. `leafBits`: of the branches above, by path; parents come before children. */
function nodeFault(
  { path, rlp, reference, key, record }: StoredNode,
  leafBits: Map<string, number>,
): string | undefined {
  if (reference !== undefined && Buffer.compare(referenceOf(rlp), reference) !== 0)
    return 'it does not hash to what its parent holds for it'
  const payload = payloadOf(record)
  if (payload[0] === BRANCH) leafBits.set(path.join(), (payload[1]! << 8) | payload[2]!)
  if (key !== undefined && path.some((nibble, i) => nibbleAt(key, i) !== nibble)) return 'its key leads elsewhere'
  if (path.length === 0) return undefined
  const bits = leafBits.get(path.subarray(0, -1).join())
  const isMarked = bits !== undefined && (bits & (1 << path.at(-1)!)) !== 0
  return isMarked === (payload[0] === LEAF) ? undefined : 'its parent takes it for another kind of node'
}

/** Counts accounts; storage roots of those that have storage. Their codes must be there. */
async function checkAccounts(store: Store, newest: number) {
  const contracts = new Map<Address, string>()
  let accounts = 0
  for await (const [key, record] of store.range(TABLES.accounts)) {
    const address = hexOf(key)
    checkAge(`account ${address}`, record, newest)
    const account = accountOf(record)
    if (account === undefined) continue
    accounts++
    if (account.storageRoot !== EMPTY_ROOT) contracts.set(address, account.storageRoot)
    if (account.codeHash === EMPTY_CODE_HASH) continue
    if (store.get(TABLES.codes, Buffer.from(account.codeHash.slice(2), 'hex')) === undefined)
      throw damaged(`the code ${account.codeHash} of account ${address} is missing`)
  }
  return { contracts, accounts }
}

async function liveRecords(store: Store, table: Table, newest: number): Promise<number> {
  let count = 0
  for await (const [key, record] of store.range(table)) {
    checkAge(`record ${hexOf(key)} of table ${table}`, record, newest)
    if (!isRemoval(record)) count++
  }
  return count
}

/** Counts of records by the address that begins their keys; only addresses that have some. */
async function recordsByAddress(store: Store, table: Table, newest: number): Promise<Map<Address, number>> {
  const counts = new Map<Address, number>()
  for await (const [key, record] of store.range(table)) {
    const address = hexOf(key.subarray(0, 20))
    checkAge(`record ${hexOf(key)} of table ${table}`, record, newest)
    if (!isRemoval(record)) counts.set(address, (counts.get(address) ?? 0) + 1)
  }
  return counts
}

function checkAge(what: string, record: Uint8Array, newest: number): void {
  if (changedAt(record) > newest)
    throw damaged(`${what} was written by block ${changedAt(record)}, but the state is that of block ${newest}`)
}

async function checkCodes(store: Store): Promise<number> {
  let codes = 0
  for await (const [hash, code] of store.range(TABLES.codes)) {
    if (Buffer.compare(keccak256(code), hash) !== 0) throw damaged(`code ${hexOf(hash)} has other bytes`)
    codes++
  }
  return codes
}
