import fc from 'fast-check'
import type { Hex } from 'viem'
import { describe, expect, it } from 'vitest'
import type { Address } from '../../genesis/addresses.ts'
import { bytesToHex, wordHex } from './bytes.ts'
import { fixtureChain } from './execution-fixture.ts'
import { StateOverlay } from './state-overlay.ts'

const ADDRESSES: Address[] = [1, 2, 3, 4].map((n) => `0x${n.toString(16).padStart(40, 'a')}` as Address)
const SLOTS: Hex[] = [0n, 1n, 2n].map(wordHex)
const [FIRST] = ADDRESSES as [Address]

/** Two accounts exist, the first with storage. */
const base = await fixtureChain({
  [FIRST]: { nonce: 1n, balance: 5n, storage: { [SLOTS[0]!]: 9n, [SLOTS[1]!]: 8n } },
  [ADDRESSES[1]!]: { balance: 3n },
})

const address = fc.constantFrom(...ADDRESSES)
const slot = fc.constantFrom(...SLOTS)
const value = fc.bigInt({ min: 0n, max: 3n })
const operation = fc.oneof(
  fc.record({ do: fc.constant('store' as const), address, slot, value }),
  fc.record({ do: fc.constant('credit' as const), address, value }),
  fc.record({ do: fc.constant('count' as const), address, value }),
  fc.record({ do: fc.constant('code' as const), address, value }),
  fc.record({ do: fc.constant('clear' as const), address }),
  fc.record({ do: fc.constant('remove' as const), address }),
)
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never

const APPLY: { [Kind in Operation['do']]: (overlay: StateOverlay, step: Operation & { do: Kind }) => void } = {
  store: (overlay, { address, slot, value }) => overlay.setStorage(address, slot, value),
  credit: (overlay, { address, value }) => overlay.addBalance(address, value),
  count: (overlay, { address, value }) => overlay.setNonce(address, value),
  code: (overlay, { address, value }) => overlay.setCode(address, new Uint8Array(Number(value)).fill(7)),
  clear: (overlay, { address }) => overlay.clearStorage(address),
  remove: (overlay, { address }) => overlay.removeAccount(address),
}

function apply<Kind extends Operation['do']>(overlay: StateOverlay, step: Operation & { do: Kind }): void {
  APPLY[step.do as Kind](overlay, step)
}

/** All that can be seen of the state. */
function visible(overlay: StateOverlay) {
  return ADDRESSES.map((address) => ({
    account: overlay.account(address),
    code: bytesToHex(overlay.codeOf(address)),
    slots: SLOTS.map((slot) => overlay.storage(address, slot)),
    original: SLOTS.map((slot) => overlay.originalStorage(address, slot)),
  }))
}

describe('the overlay', () => {
  it('shows after a revert what it showed at the checkpoint, however much came between', () => {
    const steps = fc.array(operation, { maxLength: 12 })
    fc.assert(
      fc.property(steps, steps, steps, (before, between, nested) => {
        const overlay = new StateOverlay(base.state)
        for (const step of before) apply(overlay, step)
        const seen = visible(overlay)
        overlay.checkpoint()
        for (const step of between) apply(overlay, step)
        const seenBetween = visible(overlay)
        overlay.checkpoint()
        for (const step of nested) apply(overlay, step)
        overlay.revert()
        expect(visible(overlay)).toEqual(seenBetween)
        overlay.checkpoint()
        for (const step of nested) apply(overlay, step)
        overlay.commit()
        overlay.revert()
        expect(visible(overlay)).toEqual(seen)
      }),
      { numRuns: 300 },
    )
  })

  it('remembers the values at the start of the transaction', () => {
    const overlay = new StateOverlay(base.state)
    overlay.setStorage(FIRST, SLOTS[0]!, 1n)
    overlay.setStorage(FIRST, SLOTS[0]!, 2n)
    expect(overlay.originalStorage(FIRST, SLOTS[0]!)).toBe(9n)
    overlay.endTransaction()
    expect(overlay.originalStorage(FIRST, SLOTS[0]!)).toBe(2n)
  })

  it('removes touched accounts that end empty (EIP-161), and only those', () => {
    const overlay = new StateOverlay(base.state)
    overlay.addBalance(ADDRESSES[2]!, 0n)
    overlay.subtractBalance(ADDRESSES[1]!, 3n)
    overlay.addBalance(FIRST, 0n)
    overlay.endTransaction()
    expect([0, 1, 2].map((index) => overlay.account(ADDRESSES[index]!) !== undefined)).toEqual([true, false, false])
    expect([...overlay.diff().accounts]).toEqual([[ADDRESSES[1], null]])
  })

  it('hands over only what differs in the end', () => {
    const overlay = new StateOverlay(base.state)
    overlay.setStorage(FIRST, SLOTS[0]!, 1n)
    overlay.setStorage(FIRST, SLOTS[0]!, 9n)
    overlay.addBalance(FIRST, 1n)
    overlay.subtractBalance(FIRST, 1n)
    overlay.setStorage(FIRST, SLOTS[2]!, 4n)
    const diff = overlay.diff()
    expect(diff.accounts.size).toBe(0)
    expect([...diff.storage]).toEqual([[FIRST, new Map([[SLOTS[2], 4n]])]])
  })

  it('wipes the storage of an account that was removed and made again', () => {
    const overlay = new StateOverlay(base.state)
    overlay.removeAccount(FIRST)
    overlay.endTransaction()
    overlay.addBalance(FIRST, 1n)
    overlay.setStorage(FIRST, SLOTS[1]!, 6n)
    expect(overlay.storage(FIRST, SLOTS[0]!)).toBe(0n)
    const diff = overlay.diff()
    expect(diff.cleared).toEqual(new Set([FIRST]))
    expect(diff.storage.get(FIRST)).toEqual(new Map([[SLOTS[1], 6n]]))
  })

  it('removes what was destroyed when the transaction ends, with what it has received since', () => {
    const overlay = new StateOverlay(base.state)
    overlay.destroy(FIRST)
    expect(overlay.balance(FIRST)).toBe(5n)
    overlay.addBalance(FIRST, 100n)
    overlay.endTransaction()
    expect(overlay.account(FIRST)).toBeUndefined()
    overlay.addBalance(FIRST, 1n)
    overlay.endTransaction()
    expect(overlay.account(FIRST)).toMatchObject({ balance: 1n, nonce: 0n })
  })

  it('keeps empty accounts where the fork does', () => {
    const overlay = new StateOverlay(base.state, { removesEmptyAccounts: false })
    overlay.addBalance(ADDRESSES[2]!, 0n)
    overlay.endTransaction()
    expect(overlay.diff().accounts.get(ADDRESSES[2]!)).toMatchObject({ nonce: 0n, balance: 0n })
  })

  it('remembers that RIPEMD-160 was touched in a call that failed, as Ethereum does, and no other account', async () => {
    const ripemd = '0x0000000000000000000000000000000000000003'
    const { state } = await fixtureChain({ [ripemd]: {}, [FIRST]: {} })
    const overlay = new StateOverlay(state)
    overlay.checkpoint()
    overlay.addBalance(ripemd, 0n)
    overlay.addBalance(FIRST, 0n)
    overlay.revert()
    overlay.endTransaction()
    expect([...overlay.diff().accounts]).toEqual([[ripemd, null]])
  })
})
