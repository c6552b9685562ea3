/**
 * Proofs of state: what an eth_getProof answer (EIP-1186) shows to stand under a state root, checked without
 * trust in who answered. A Merkle–Patricia trie (Yellow Paper, appendix D) of keccak256 keys; a proof is the nodes
 * from the root down, each named by the hash that its parent, or the state root, holds of it.
 *
 *     branch      17 items: a child for each nibble, and a value, which keys of one length never use
 *     extension   [hex-prefix path, child]
 *     leaf        [hex-prefix path, value]      the path's first nibble: 2 where it is a leaf, 1 where its length is odd
 *     child       32 bytes: the hash of its RLP; or the node itself, where that is shorter
 */
import { BaseError, fromRlp, type GetProofReturnType, type Hex, hexToBigInt, keccak256, numberToHex } from 'viem'

/** A proof does not show what the answer says under the state root that it was checked against. */
export class StateProofError extends BaseError {
  override name = 'StateProofError'
  constructor(reason: string) {
    super(`the proof does not hold: ${reason}`, {
      metaMessages: ['ask another node, and check that the state root is of the block that was asked for'],
    })
  }
}

export type ProvedAccount = {
  nonce: bigint
  /** Wei. */
  balance: bigint
  codeHash: Hex
  /** Values by slot (32 bytes), in the order of the proof; 0n where it shows that nothing lies there. */
  storage: ReadonlyMap<Hex, bigint>
}

type Node = readonly (Hex | Node)[]

/** Root of a trie without entries: keccak of the empty string's RLP. */
const EMPTY_ROOT = keccak256('0x80')

/**
 * What an eth_getProof answer proves of its account under `stateRoot`. Throws {@link StateProofError}.
 *
 * @example
 * const proof = await getProof(client, { address: NATIVE.datanets, storageKeys: [slot], blockNumber })
 * const { storage } = verifyStateProof(stateRoot, proof)
 */
export function verifyStateProof(stateRoot: Hex, proof: GetProofReturnType): ProvedAccount {
  const leaf = valueUnder(stateRoot, keccak256(proof.address), proof.accountProof)
  if (leaf === undefined) throw new StateProofError(`nothing lies at account ${proof.address}`)
  const [nonce, balance, storageRoot, codeHash] = accountFields(leaf)
  const storage = new Map<Hex, bigint>()
  for (const { key, proof: nodes } of proof.storageProof) {
    const slot = numberToHex(BigInt(key), { size: 32 })
    const value = valueUnder(storageRoot, keccak256(slot), nodes)
    storage.set(slot, value === undefined ? 0n : integer(decoded(value)))
  }
  return { nonce: integer(nonce), balance: integer(balance), codeHash, storage }
}

/** The value of a key (32 bytes) in the trie; undefined where the nodes show that it has none. */
function valueUnder(root: Hex, key: Hex, nodes: readonly Hex[]): Hex | undefined {
  if (root === EMPTY_ROOT) return undefined
  let path = key.slice(2)
  let used = 0
  const named = (hash: Hex): Node => {
    const encoded = nodes[used]
    if (encoded === undefined) throw new StateProofError(`node ${hash} is missing`)
    if (keccak256(encoded) !== hash) throw new StateProofError(`node ${used} is not ${hash}`)
    used += 1
    return nodeOf(decoded(encoded))
  }
  let node = named(root)
  for (;;) {
    const step = child(node, path)
    if (step === undefined) return undefined
    path = step.path
    if (step.value !== undefined) return step.value
    node = typeof step.next === 'string' ? named(step.next) : step.next
  }
}

type Step = { path: string; value: Hex; next?: never } | { path: string; value?: never; next: Hex | Node }

/** One step down: the child on the way, or the leaf's value; undefined where the way ends. */
function child(node: Node, path: string): Step | undefined {
  if (node.length === 17) {
    const next = node[Number.parseInt(path[0] ?? '', 16)]
    if (next === undefined) throw new StateProofError('the key ends at a branch')
    return next === '0x' ? undefined : { path: path.slice(1), next }
  }
  const [prefixed, value] = node
  if (node.length !== 2 || typeof prefixed !== 'string' || value === undefined)
    throw new StateProofError(`a node has ${node.length} items`)
  const flag = Number.parseInt(prefixed[2] ?? '', 16)
  if (!(flag <= 3)) throw new StateProofError(`a path begins with ${prefixed.slice(0, 4)}`)
  const own = prefixed.slice(flag % 2 === 1 ? 3 : 4)
  if (flag < 2) return path.startsWith(own) && own !== '' ? { path: path.slice(own.length), next: value } : undefined
  if (path !== own) return undefined
  if (typeof value !== 'string') throw new StateProofError('a leaf holds a list')
  return { path: '', value }
}

function accountFields(leaf: Hex): readonly [Hex, Hex, Hex, Hex] {
  const [nonce, balance, storageRoot, codeHash, more] = nodeOf(decoded(leaf))
  const isText = (each: unknown): each is Hex => typeof each === 'string'
  if (!isText(nonce) || !isText(balance) || !isText(storageRoot) || !isText(codeHash) || more !== undefined)
    throw new StateProofError('an account has four fields')
  return [nonce, balance, storageRoot, codeHash]
}

/** RLP of text or of nested lists. */
function decoded(rlp: Hex): Hex | Node {
  try {
    const item: Hex | Node = fromRlp(rlp, 'hex')
    return item
  } catch (error) {
    throw new StateProofError(`not RLP: ${error instanceof Error ? error.message : error}`)
  }
}

function nodeOf(item: Hex | Node): Node {
  if (typeof item === 'string') throw new StateProofError('a node is a list')
  return item
}

function integer(item: Hex | Node): bigint {
  if (typeof item !== 'string') throw new StateProofError('a value is no list')
  return item === '0x' ? 0n : hexToBigInt(item)
}
