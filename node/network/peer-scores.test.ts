import { describe, expect, it } from 'vitest'
import { PeerScores } from './peer-scores.ts'
import { RequestBudget } from './request-budget.ts'

const HALF_LIFE = 600_000

describe('PeerScores', () => {
  it('bans after three refused messages, and forgets by halves', () => {
    let now = 0
    const scores = new PeerScores({ clock: { now: () => now } })
    expect(scores.of('a')).toBe(0)
    scores.refused('a')
    scores.refused('a')
    expect([scores.of('a'), scores.isBanned('a')]).toEqual([-80, false])
    scores.refused('a')
    expect([scores.of('a'), scores.isBanned('a')]).toEqual([-120, true])
    now = HALF_LIFE
    expect([scores.of('a'), scores.isBanned('a')]).toEqual([-60, false])
    expect(scores.of('b')).toBe(0)
  })

  it('lets good deeds weigh little', () => {
    const scores = new PeerScores({ clock: { now: () => 0 } })
    for (let i = 0; i < 1000; i++) scores.accepted('a')
    expect(scores.of('a')).toBe(20)
    for (let i = 0; i < 3; i++) scores.refused('a')
    expect(scores.isBanned('a')).toBe(true)
  })

  it('remembers no more than ten thousand peers', () => {
    const scores = new PeerScores({ clock: { now: () => 0 } })
    for (let i = 0; i <= 10_000; i++) scores.refused(String(i))
    expect([scores.of('0'), scores.of('1')]).toEqual([0, -40])
  })
})

describe('RequestBudget', () => {
  it('gives a burst of 1,024 and then 64 a second, to each peer', () => {
    let now = 0
    const budget = new RequestBudget({ clock: { now: () => now } })
    const take = (count: number) => Array.from({ length: count }, () => budget.take('a')).filter(Boolean).length
    expect(take(2000)).toBe(1024)
    now = 1000
    expect(take(100)).toBe(64)
    expect(budget.take('b')).toBe(true)
    budget.forget('a')
    expect(budget.take('a')).toBe(false)
    now = 20_000
    budget.forget('a')
    expect(take(2000)).toBe(1024)
  })
})
