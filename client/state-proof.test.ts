import { createMerkleProof, createMPT } from '@ethereumjs/mpt'
import fc from 'fast-check'
import { bytesToHex, type GetProofReturnType, type Hex, hexToBytes, keccak256, numberToHex, toRlp } from 'viem'
import { describe, expect, it } from 'vitest'
import { StateProofError, verifyStateProof } from './state-proof.ts'

const word = (value: bigint) => numberToHex(value, { size: 32 })
const rlpOf = (value: bigint) => toRlp(value === 0n ? '0x' : trimmed(value))
const trimmed = (value: bigint): Hex => {
  const digits = value.toString(16)
  return `0x${digits.length % 2 ? '0' : ''}${digits}`
}
const ACCOUNT = '0x4f50454e00000000000000000000000000000001'
const CODE_HASH = keccak256('0xfe')

/** An account with this storage among others, made by a trie that is not ours, and an eth_getProof answer about it. */
async function proved(storage: ReadonlyMap<bigint, bigint>, asked: readonly bigint[], others = 5) {
  const slots = await createMPT()
  for (const [slot, value] of storage) await slots.put(hexToBytes(keccak256(word(slot))), hexToBytes(rlpOf(value)))
  const storageHash = bytesToHex(slots.root())
  const accounts = await createMPT()
  for (let i = 0; i < others; i++)
    await accounts.put(hexToBytes(keccak256(word(BigInt(i)))), hexToBytes(toRlp(['0x01', '0x02', word(3n), word(4n)])))
  const account = toRlp(['0x', trimmed(77n), storageHash, CODE_HASH])
  await accounts.put(hexToBytes(keccak256(ACCOUNT)), hexToBytes(account))
  const nodes = async (trie: typeof slots, key: Hex) =>
    (await createMerkleProof(trie, hexToBytes(keccak256(key)))).map((node) => bytesToHex(node))
  const storageProof = []
  for (const slot of asked)
    storageProof.push({ key: word(slot), value: storage.get(slot) ?? 0n, proof: await nodes(slots, word(slot)) })
  const accountProof = await nodes(accounts, ACCOUNT)
  const proof: GetProofReturnType = {
    address: ACCOUNT,
    balance: 77n,
    codeHash: CODE_HASH,
    nonce: 0,
    storageHash,
    accountProof,
    storageProof,
  }
  return { root: bytesToHex(accounts.root()), proof }
}

const someStorage = fc
  .uniqueArray(fc.tuple(fc.bigInt({ min: 0n, max: 60n }), fc.bigInt({ min: 1n, max: (1n << 256n) - 1n })), {
    selector: ([slot]) => slot,
    maxLength: 40,
  })
  .map((entries) => new Map(entries))

describe('a proof of state', () => {
  it('shows the account, its values, and where it has none', async () => {
    await fc.assert(
      fc.asyncProperty(
        someStorage,
        fc.uniqueArray(fc.bigInt({ min: 0n, max: 70n }), { maxLength: 4 }),
        async (storage, asked) => {
          const { root, proof } = await proved(storage, asked)
          const found = verifyStateProof(root, proof)
          expect(found).toMatchObject({ nonce: 0n, balance: 77n, codeHash: CODE_HASH })
          expect([...found.storage]).toEqual(asked.map((slot) => [word(slot), storage.get(slot) ?? 0n]))
        },
      ),
      { numRuns: 30 },
    )
  })

  it('says what the nodes say, whatever the answer says beside them', async () => {
    const { root, proof } = await proved(new Map([[1n, 5n]]), [1n])
    const lie = { ...proof, balance: 1n, storageProof: proof.storageProof.map((each) => ({ ...each, value: 6n })) }
    expect(verifyStateProof(root, lie)).toMatchObject({ balance: 77n, storage: new Map([[word(1n), 5n]]) })
  })

  it('of which any byte is changed, or a node is missing, does not hold', async () => {
    const slots = new Map(Array.from({ length: 30 }, (_, i) => [BigInt(i), BigInt(i) + 1n] as const))
    const { root, proof } = await proved(slots, [3n])
    const { proof: nodes } = proof.storageProof[0]!
    const withNodes = (changed: Hex[]) => ({ ...proof, storageProof: [{ ...proof.storageProof[0]!, proof: changed }] })
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), (which, at, change) => {
        const index = which % nodes.length
        const bytes = hexToBytes(nodes[index]!)
        bytes[at % bytes.length]! ^= change
        const changed = nodes.with(index, bytesToHex(bytes))
        expect(() => verifyStateProof(root, withNodes(changed))).toThrow(StateProofError)
      }),
      { numRuns: 60 },
    )
    expect(() => verifyStateProof(root, withNodes(nodes.slice(0, -1)))).toThrow(/missing/)
    expect(() => verifyStateProof(word(1n), proof)).toThrow(StateProofError)
  })

  it('of an account that is not there is no proof of one', async () => {
    const { root, proof } = await proved(new Map(), [])
    const other = '0x4f50454e00000000000000000000000000000002'
    expect(() => verifyStateProof(root, { ...proof, address: other })).toThrow(StateProofError)
  })
})
