/** Lineage with thousands of parents at bounded cost (docs/protocol.md, "Attribution"). */
import { expect, it } from 'vitest'
import { lineageCosts } from '../../node/ledger/testing/lineage-costs.ts'

it('a version over 5,000 contributions is published, settles, matures and pays for the gas of one over ten', () => {
  const many = lineageCosts(5_000)
  expect(many).toMatchObject({ clusters: 5_000n, faults: [] })
  expect(many.gas).toEqual(lineageCosts(10).gas)
})
