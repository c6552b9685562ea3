import { describe, expect, it } from 'vitest'
import { FORKS, isAtLeast } from './fork.ts'
import { floorGas, intrinsicGas } from './intrinsic-gas.ts'
import { JOVIAN_RULES, OP_FORKS, OP_RULES } from './op-rules.ts'
import { opRulesAt, opScheduleOf } from './op-schedule.ts'
import { ETHEREUM_RULES } from './rules.ts'

const data = Uint8Array.of(0, 1, 2)

describe('the rules of the forks', () => {
  it('add up: what a fork changed holds for those after it', () => {
    expect(ETHEREUM_RULES.frontier.transactionTypes).toEqual([0])
    expect(ETHEREUM_RULES.muirGlacier.transactionTypes).toEqual([0])
    expect(ETHEREUM_RULES.osaka.transactionTypes).toEqual([0, 1, 2, 3, 4])
    expect(FORKS.filter((fork) => ETHEREUM_RULES[fork].difficulty === undefined)).toEqual(
      FORKS.filter((fork) => isAtLeast(fork, 'paris')),
    )
    expect(FORKS.every((fork) => ETHEREUM_RULES[fork].fork === fork)).toBe(true)
  })

  it('price a message before it runs as each fork says', () => {
    const call = { to: '0x', data }
    const creation = { to: undefined, data }
    const gas = (fork: keyof typeof ETHEREUM_RULES) => intrinsicGas(call, ETHEREUM_RULES[fork]) - 21_000n
    const creationGas = (fork: keyof typeof ETHEREUM_RULES) => intrinsicGas(creation, ETHEREUM_RULES[fork]) - 21_000n
    expect([gas('frontier'), gas('petersburg'), gas('istanbul')]).toEqual([140n, 140n, 36n])
    expect([creationGas('frontier'), creationGas('homestead'), creationGas('shanghai')]).toEqual([
      140n,
      32_140n,
      32_038n,
    ])
    expect(floorGas(call, ETHEREUM_RULES.cancun)).toBe(0n)
    expect(floorGas(call, ETHEREUM_RULES.prague)).toBe(21_000n + 90n)
  })

  it('are for this chain those of Prague, with its own precompiles', () => {
    const { transactionTypes, precompileBounds, p256VerifyGas, hasRequests, ...prague } = ETHEREUM_RULES.prague
    expect(JOVIAN_RULES).toMatchObject(prague)
    expect(JOVIAN_RULES).toMatchObject({ transactionTypes: [0, 1, 2, 4], p256VerifyGas: 3_450n, hasRequests: false })
    expect(intrinsicGas({ to: '0x', data })).toBe(intrinsicGas({ to: '0x', data }, ETHEREUM_RULES.prague))
  })
})

describe('the rules of the OP Stack', () => {
  it('stand on the fork of Ethereum that each took over', () => {
    expect(OP_FORKS.map((name) => OP_RULES[name].fork)).toEqual([
      'paris',
      'paris',
      'shanghai',
      'shanghai',
      'cancun',
      'cancun',
      'cancun',
      'cancun',
      'prague',
      'prague',
    ])
    expect(OP_FORKS.every((name) => OP_RULES[name].opFork === name)).toBe(true)
  })

  it('come at the times of the rollup config', () => {
    const schedule = opScheduleOf({
      regolith_time: 0,
      canyon_time: 10,
      ecotone_time: 20,
      jovian_time: null,
      block_time: 2,
    })
    const at = (timestamp: bigint) => opRulesAt(schedule, timestamp).opFork
    expect([0n, 9n, 10n, 19n, 20n, 10_000n].map(at)).toEqual([
      'regolith',
      'regolith',
      'canyon',
      'canyon',
      'ecotone',
      'ecotone',
    ])
    expect(opRulesAt({}, 5n).opFork).toBe('bedrock')
  })

  it('are refused where the config names a wrong time or an order that cannot be', () => {
    expect(() => opScheduleOf({ fjord_time: 'soon' })).toThrow('rollup config: fjord_time: ')
    expect(() => opScheduleOf({ canyon_time: 5, fjord_time: 4 })).toThrow(
      "rollup config: fjord_time: must not be before an earlier fork's 5, got 4",
    )
  })
})
