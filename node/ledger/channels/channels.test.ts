import { parseEther } from 'viem'
import { describe, expect, it } from 'vitest'
import { STAKE_ROLE } from '../../../genesis/abi/staking.ts'
import { channelIdOf } from '../../../protocol/request.ts'
import { Stage, word } from '../testing/ledger-stage.ts'

const one = parseEther('1')

function staged() {
  const stage = new Stage()
  stage.stake(stage.prover, STAKE_ROLE.prover, parseEther('10'))
  return { stage, world: stage.world, payer: stage.payer.address, receiver: stage.prover.address }
}

describe('opening', () => {
  it('escrows the deposit under the id that both sides can compute', () => {
    const { world, payer, receiver } = staged()
    const channel = world.send(payer, 'channels', 'open', [receiver], { value: one })
    expect(channel).toBe(channelIdOf(payer, receiver, 0n))
    expect(world.send(payer, 'channels', 'channelId', [payer, receiver, 0n])).toBe(channel)
    expect(world.send(payer, 'channels', 'nonceOf', [payer])).toBe(1n)
    expect(world.send(payer, 'channels', 'open', [receiver], { value: one })).toBe(channelIdOf(payer, receiver, 1n))
    expect(world.send(payer, 'channels', 'getChannel', [channel])).toMatchObject({
      deposit: one,
      settled: 0n,
      closed: false,
    })
  })

  it('needs a deposit and a receiver that is a staked prover', () => {
    const { stage, world, payer, receiver } = staged()
    expect(world.fails(payer, 'channels', 'open', [receiver])).toBe('InvalidField value')
    expect(world.fails(payer, 'channels', 'open', [stage.alice.address], { value: one })).toBe('ReceiverNotProver')
  })
})

describe('topping up', () => {
  it('adds to the deposit, by the payer, while the channel is open', () => {
    const { stage, world, payer, receiver } = staged()
    const channel = world.send(payer, 'channels', 'open', [receiver], { value: one })
    world.send(payer, 'channels', 'topUp', [channel], { value: one })
    expect(world.send(payer, 'channels', 'getChannel', [channel])).toMatchObject({ deposit: 2n * one })
    expect(world.fails(payer, 'channels', 'topUp', [channel])).toBe('InvalidField value')
    expect(world.fails(stage.alice.address, 'channels', 'topUp', [channel], { value: one })).toBe('NotPayer')
    expect(world.fails(payer, 'channels', 'topUp', [word(1)], { value: one })).toBe('UnknownChannel')
    world.send(payer, 'channels', 'close', [channel])
    expect(world.fails(payer, 'channels', 'topUp', [channel], { value: one })).toBe('ChannelIsClosing')
  })
})

describe('closing', () => {
  it('returns what is unsettled to the payer, once, after the delay', () => {
    const { stage, world, payer, receiver } = staged()
    const before = world.balance(payer)
    const channel = world.send(payer, 'channels', 'open', [receiver], { value: one })
    expect(world.fails(payer, 'channels', 'refund', [channel])).toBe('NotClosing')
    expect(world.fails(receiver, 'channels', 'close', [channel])).toBe('NotPayer')
    world.send(payer, 'channels', 'close', [channel])
    expect(world.fails(payer, 'channels', 'close', [channel])).toBe('ChannelIsClosing')
    expect(world.fails(payer, 'channels', 'refund', [channel])).toBe('TooEarly')
    world.pass(12n)
    world.send(stage.alice.address, 'channels', 'refund', [channel])
    expect(world.balance(payer)).toBe(before)
    expect(world.fails(payer, 'channels', 'refund', [channel])).toBe('ChannelClosed')
    expect(world.fails(payer, 'channels', 'close', [channel])).toBe('ChannelClosed')
  })
})

describe('keys', () => {
  it('are authorized by the payer, with a cap and an expiry', () => {
    const { stage, world, payer, receiver } = staged()
    const channel = world.send(payer, 'channels', 'open', [receiver], { value: one })
    const key = stage.bob.address
    expect(world.fails(key, 'channels', 'authorizeSigner', [channel, key, one, 5n])).toBe('NotPayer')
    world.send(payer, 'channels', 'authorizeSigner', [channel, key, one, 5n])
    expect(world.send(payer, 'channels', 'signerOf', [channel, key])).toEqual([one, 5n])
    const zero = '0x0000000000000000000000000000000000000000'
    expect(world.fails(payer, 'channels', 'authorizeSigner', [channel, zero, one, 5n])).toBe('InvalidField key')
  })

  it('can still be taken back while the channel is closing', () => {
    const { stage, world, payer, receiver } = staged()
    const channel = world.send(payer, 'channels', 'open', [receiver], { value: one })
    world.send(payer, 'channels', 'close', [channel])
    world.send(payer, 'channels', 'authorizeSigner', [channel, stage.bob.address, 0n, 0n])
  })
})
