/** Predeploys as genesis leaves them, run by an EVM: the proxies reach their code, the storage says what it should. */
import {
  type Abi,
  concatHex,
  decodeErrorResult,
  decodeFunctionResult,
  domainSeparator,
  encodeFunctionData,
  type Hex,
  numberToHex,
  parseAbi,
  parseEther,
  parseEventLogs,
  parseSignature,
  size,
  toHex,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { beforeEach, describe, expect, it } from 'vitest'
import { type Address, L1_ATTRIBUTES_DEPOSITOR, PREDEPLOYS, PREINSTALLS } from './addresses.ts'
import { genesisAllocations } from './allocations.ts'
import { contractArtifact } from './contracts.ts'
import { type GenesisEvm, genesisEvm } from './testing/genesis-evm.ts'
import { sampleConfig } from './testing/sample-config.ts'

const NOW = 1_700_000_100n
const ada = privateKeyToAccount(`0x${'a1'.repeat(32)}`)
const bob: Address = `0x${'b0'.repeat(20)}`
const config = sampleConfig({ balances: { [ada.address.toLowerCase() as Address]: parseEther('100') } })

let evm: GenesisEvm
beforeEach(async () => {
  evm = await genesisEvm(genesisAllocations(config), config.l2ChainId, NOW)
})

async function read(address: Address, abi: Abi, functionName: string, args: unknown[] = []): Promise<unknown> {
  const { data, failed } = await evm.call({
    from: bob,
    to: address,
    data: encodeFunctionData({ abi, functionName, args }),
  })
  if (failed) throw new Error(`${functionName} reverted: ${data}`)
  return decodeFunctionResult({ abi, functionName, data })
}

async function write(
  from: Address,
  address: Address,
  abi: Abi,
  functionName: string,
  args: unknown[] = [],
  value = 0n,
) {
  const { data, failed, logs } = await evm.call({
    from,
    to: address,
    data: encodeFunctionData({ abi, functionName, args }),
    value,
  })
  if (failed) return { error: decodeErrorResult({ abi, data }).errorName, events: [] }
  const events = parseEventLogs({ abi, logs: logs as Parameters<typeof parseEventLogs>[0]['logs'] })
  return { error: undefined, events: events.map((event) => ({ name: event.eventName, args: event.args })) }
}

/** The 178 bytes of a Jovian attributes deposit. */
const jovianCalldata = concatHex([
  '0x3db6be2b',
  numberToHex(1_368, { size: 4 }),
  numberToHex(810_949, { size: 4 }),
  numberToHex(3, { size: 8 }),
  numberToHex(1_700_000_000, { size: 8 }),
  numberToHex(123, { size: 8 }),
  numberToHex(30_000_000_000n, { size: 32 }),
  numberToHex(7_000_000n, { size: 32 }),
  `0x${'aa'.repeat(32)}`,
  `0x${'00'.repeat(12)}${'ba'.repeat(20)}`,
  numberToHex(55, { size: 4 }),
  numberToHex(66_000, { size: 8 }),
  numberToHex(200, { size: 2 }),
])

describe('L1Block', () => {
  const { abi } = contractArtifact('L1Block')

  it('takes the packed attributes from the depositor', async () => {
    expect(size(jovianCalldata)).toBe(178)
    const outcome = await evm.call({ from: L1_ATTRIBUTES_DEPOSITOR, to: PREDEPLOYS.l1Block, data: jovianCalldata })
    expect(outcome.failed).toBe(false)
    const expected = {
      baseFeeScalar: 1_368,
      blobBaseFeeScalar: 810_949,
      sequenceNumber: 3n,
      timestamp: 1_700_000_000n,
      number: 123n,
      basefee: 30_000_000_000n,
      blobBaseFee: 7_000_000n,
      hash: `0x${'aa'.repeat(32)}`,
      batcherHash: `0x${'00'.repeat(12)}${'ba'.repeat(20)}`,
      operatorFeeScalar: 55,
      operatorFeeConstant: 66_000n,
      daFootprintGasScalar: 200,
    }
    for (const [getter, value] of Object.entries(expected))
      expect(await read(PREDEPLOYS.l1Block, abi, getter), getter).toBe(value)
  })

  it('refuses them from anybody else', async () => {
    const outcome = await evm.call({ from: bob, to: PREDEPLOYS.l1Block, data: jovianCalldata })
    expect(outcome.failed).toBe(true)
    expect(decodeErrorResult({ abi, data: outcome.data }).errorName).toBe('NotDepositor')
    expect(await read(PREDEPLOYS.l1Block, abi, 'number')).toBe(0n)
  })

  it('names OPEN as the gas paying token from block 0 on', async () => {
    expect(await read(PREDEPLOYS.l1Block, abi, 'gasPayingToken')).toEqual([config.openTokenAddress, 18])
    expect(await read(PREDEPLOYS.l1Block, abi, 'gasPayingTokenName')).toBe('OPEN')
    expect(await read(PREDEPLOYS.l1Block, abi, 'gasPayingTokenSymbol')).toBe('OPEN')
    expect(await read(PREDEPLOYS.l1Block, abi, 'isCustomGasToken')).toBe(true)
  })

  it("lets the portal's system deposit name another token", async () => {
    const args = [bob, 6, toHex('A name of thirty-two characters.', { size: 32 }), toHex('TWO', { size: 32 })]
    const { events } = await write(L1_ATTRIBUTES_DEPOSITOR, PREDEPLOYS.l1Block, abi, 'setGasPayingToken', args)
    expect(events.map((event) => event.name)).toEqual(['GasPayingTokenSet'])
    expect(((await read(PREDEPLOYS.l1Block, abi, 'gasPayingToken')) as [Address, number])[1]).toBe(6)
    expect(await read(PREDEPLOYS.l1Block, abi, 'gasPayingTokenName')).toBe('A name of thirty-two characters.')
    expect((await write(bob, PREDEPLOYS.l1Block, abi, 'setGasPayingToken', args)).error).toBe('NotDepositor')
  })
})

describe('GasPriceOracle', () => {
  const { abi } = contractArtifact('GasPriceOracle')
  const ask = (functionName: string, args: unknown[] = []) => read(PREDEPLOYS.gasPriceOracle, abi, functionName, args)

  beforeEach(async () => {
    await evm.call({ from: L1_ATTRIBUTES_DEPOSITOR, to: PREDEPLOYS.l1Block, data: jovianCalldata })
  })

  it('says that every fork to Jovian is active', async () => {
    for (const fork of ['isEcotone', 'isFjord', 'isIsthmus', 'isJovian']) expect(await ask(fork), fork).toBe(true)
    expect(await ask('baseFee')).toBe(7n)
    expect(await ask('l1BaseFee')).toBe(30_000_000_000n)
  })

  it('measures FastLZ sizes that can be worked out by hand', async () => {
    // Nothing; one run of literals (1 + 5); two full runs of 32 and one of 6: 33 + 33 + 7.
    expect(await ask('fastLzSize', ['0x'])).toBe(0n)
    expect(await ask('fastLzSize', ['0x0102030405'])).toBe(6n)
    const seventy = toHex(Uint8Array.from({ length: 70 }, (_, index) => index))
    expect(await ask('fastLzSize', [seventy])).toBe(73n)
    // 1,000 equal bytes: literals(2) = 3, a match of 991 = 3·3 + 3, literals(5) = 6.
    expect(await ask('fastLzSize', [`0x${'07'.repeat(1_000)}`])).toBe(21n)
  })

  it('charges what the Fjord formula gives', async () => {
    // Price: 1,368·16·30 gwei + 810,949·7e6 = 656,640e9 + 5,676.643e9 = 662,316.643e9.
    const price = 1_368n * 16n * 30_000_000_000n + 810_949n * 7_000_000n
    const cost = (fastLz: bigint) => {
      const size = 836_500n * fastLz - 42_585_600n
      return ((size < 100_000_000n ? 100_000_000n : size) * price) / 10n ** 12n
    }
    expect(await ask('getL1Fee', ['0x0102'])).toBe((100_000_000n * price) / 10n ** 12n)
    const incompressible = toHex(Uint8Array.from({ length: 256 }, (_, index) => index))
    expect(await ask('getL1Fee', [incompressible])).toBe(cost(264n + 68n))
    expect(await ask('getL1FeeUpperBound', [1_000n])).toBe(cost(1_068n + 4n + 16n))
    expect(await ask('getL1GasUsed', [incompressible])).toBe(((836_500n * 332n - 42_585_600n) * 16n) / 1_000_000n)
  })

  it("charges Jovian's operator fee", async () => {
    expect(await ask('getOperatorFee', [21_000n])).toBe(21_000n * 55n * 100n + 66_000n)
  })
})

describe('WOPEN', () => {
  const { abi } = contractArtifact('WOPEN')
  const domain = { name: 'Wrapped OPEN', version: '1', chainId: config.l2ChainId, verifyingContract: PREDEPLOYS.wopen }
  const authorization = [
    { name: 'from', type: 'address' },
    { name: 'to', type: 'address' },
    { name: 'value', type: 'uint256' },
    { name: 'validAfter', type: 'uint256' },
    { name: 'validBefore', type: 'uint256' },
    { name: 'nonce', type: 'bytes32' },
  ] as const
  const message = {
    from: ada.address,
    to: bob,
    value: 30n,
    validAfter: 0n,
    validBefore: NOW + 60n,
    nonce: `0x${'0e'.repeat(32)}` as Hex,
  }
  const send = (functionName: string, args: unknown[], from: Address = bob) =>
    write(from, PREDEPLOYS.wopen, abi, functionName, args)
  const balance = (of: Address) => read(PREDEPLOYS.wopen, abi, 'balanceOf', [of])

  beforeEach(async () => {
    await write(ada.address, PREDEPLOYS.wopen, abi, 'deposit', [], 100n)
  })

  it('wraps by deposit and by plain transfer, and unwraps', async () => {
    expect(await read(PREDEPLOYS.wopen, abi, 'name')).toBe('Wrapped OPEN')
    expect((await evm.call({ from: ada.address, to: PREDEPLOYS.wopen, value: 5n })).failed).toBe(false)
    expect(await balance(ada.address)).toBe(105n)
    expect((await send('withdraw', [105n], ada.address)).events.map((event) => event.name)).toEqual([
      'Transfer',
      'Withdrawal',
    ])
    expect(await evm.balanceOf(PREDEPLOYS.wopen)).toBe(0n)
    expect((await send('withdraw', [1n], ada.address)).error).toBe('ERC20InsufficientBalance')
  })

  it('moves by a signed ERC-3009 authorization, once', async () => {
    const signature = await ada.signTypedData({
      domain,
      types: { TransferWithAuthorization: authorization },
      primaryType: 'TransferWithAuthorization',
      message,
    })
    const fields = [message.from, message.to, message.value, message.validAfter, message.validBefore, message.nonce]
    const overload = (length: number) =>
      abi.filter(
        (item) =>
          item.type === 'function' && item.name === 'transferWithAuthorization' && item.inputs.length === length,
      )
    const { r, s, yParity } = parseSignature(signature)
    const split = await write(
      bob,
      PREDEPLOYS.wopen,
      [...overload(9), ...abi.filter((item) => item.type !== 'function')],
      'transferWithAuthorization',
      [...fields, 27 + yParity, r, s],
    )
    expect(split.events.map((event) => event.name)).toEqual(['AuthorizationUsed', 'Transfer'])
    expect(await balance(bob)).toBe(30n)
    expect(await read(PREDEPLOYS.wopen, abi, 'authorizationState', [ada.address, message.nonce])).toBe(true)
    expect((await send('transferWithAuthorization', [...fields, signature])).error).toBe('AuthorizationSpent')
  })

  it('refuses an authorization out of its time, of another signer, or taken by another than its payee', async () => {
    const sign = (
      changes: Partial<typeof message>,
      primaryType: 'TransferWithAuthorization' | 'ReceiveWithAuthorization' = 'TransferWithAuthorization',
    ) =>
      ada.signTypedData({
        domain,
        types: { [primaryType]: authorization },
        primaryType,
        message: { ...message, ...changes },
      })
    const fields = (changes: Partial<typeof message>) => Object.values({ ...message, ...changes })
    const late = { validBefore: NOW }
    expect((await send('transferWithAuthorization', [...fields(late), await sign(late)])).error).toBe(
      'AuthorizationExpired',
    )
    const early = { validAfter: NOW }
    expect((await send('transferWithAuthorization', [...fields(early), await sign(early)])).error).toBe(
      'AuthorizationNotYetValid',
    )
    expect((await send('transferWithAuthorization', [...fields({ value: 31n }), await sign({})])).error).toBe(
      'InvalidSignature',
    )
    const received = await sign({}, 'ReceiveWithAuthorization')
    expect((await send('receiveWithAuthorization', [...fields({}), received], ada.address)).error).toBe(
      'CallerNotPayee',
    )
    expect((await send('receiveWithAuthorization', [...fields({}), received], bob)).error).toBeUndefined()
    expect(await balance(bob)).toBe(30n)
  })

  it('cancels an authorization by signature', async () => {
    const signature = await ada.signTypedData({
      domain,
      types: {
        CancelAuthorization: [
          { name: 'authorizer', type: 'address' },
          { name: 'nonce', type: 'bytes32' },
        ],
      },
      primaryType: 'CancelAuthorization',
      message: { authorizer: ada.address, nonce: message.nonce },
    })
    expect(
      (await send('cancelAuthorization', [ada.address, message.nonce, signature])).events.map((event) => event.name),
    ).toEqual(['AuthorizationCanceled'])
    const moved = await ada.signTypedData({
      domain,
      types: { TransferWithAuthorization: authorization },
      primaryType: 'TransferWithAuthorization',
      message,
    })
    expect((await send('transferWithAuthorization', [...Object.values(message), moved])).error).toBe(
      'AuthorizationSpent',
    )
  })

  it('approves by ERC-2612 permit', async () => {
    const types = {
      Permit: ['owner:address', 'spender:address', 'value:uint256', 'nonce:uint256', 'deadline:uint256'].map(
        (field) => ({ name: field.split(':')[0]!, type: field.split(':')[1]! }),
      ),
    }
    const permit = { owner: ada.address, spender: bob, value: 40n, nonce: 0n, deadline: NOW }
    const { r, s, yParity } = parseSignature(
      await ada.signTypedData({ domain, types, primaryType: 'Permit', message: permit }),
    )
    const args = [ada.address, bob, 40n, NOW, 27 + yParity, r, s]
    expect((await send('permit', args)).error).toBeUndefined()
    expect(await read(PREDEPLOYS.wopen, abi, 'allowance', [ada.address, bob])).toBe(40n)
    expect((await send('permit', args)).error).toBe('InvalidSignature')
    expect((await send('permit', [ada.address, bob, 40n, NOW - 1n, 27 + yParity, r, s])).error).toBe('PermitExpired')
  })
})

describe('bridge predeploys', () => {
  it('know their counterparts on L1', async () => {
    const messenger = contractArtifact('L2CrossDomainMessenger').abi
    const bridge = contractArtifact('L2StandardBridge').abi
    const lower = (value: unknown) => String(value).toLowerCase()
    expect(lower(await read(PREDEPLOYS.l2CrossDomainMessenger, messenger, 'otherMessenger'))).toBe(
      config.l1CrossDomainMessengerAddress,
    )
    expect(lower(await read(PREDEPLOYS.l2StandardBridge, bridge, 'otherBridge'))).toBe(config.l1StandardBridgeAddress)
    expect(lower(await read(PREDEPLOYS.l2StandardBridge, bridge, 'messenger'))).toBe(PREDEPLOYS.l2CrossDomainMessenger)
    const factory = contractArtifact('OptimismMintableERC20Factory').abi
    expect(lower(await read(PREDEPLOYS.optimismMintableErc20Factory, factory, 'bridge'))).toBe(
      PREDEPLOYS.l2StandardBridge,
    )
    expect(lower(await read(PREDEPLOYS.proxyAdmin, contractArtifact('ProxyAdmin').abi, 'owner'))).toBe(
      config.genesis.governor,
    )
  })

  it('cannot be initialized again, neither the proxy nor the code behind it', async () => {
    const { abi } = contractArtifact('L2CrossDomainMessenger')
    const data = encodeFunctionData({ abi, functionName: 'initialize', args: [bob] })
    expect((await evm.call({ from: bob, to: PREDEPLOYS.l2CrossDomainMessenger, data })).failed).toBe(true)
    expect((await evm.call({ from: bob, to: `0x${'c0d3'.repeat(9)}0007`, data })).failed).toBe(true)
  })

  it('send OPEN to L1 through the message passer', async () => {
    const { abi } = contractArtifact('L2ToL1MessagePasser')
    const { events } = await write(
      ada.address,
      PREDEPLOYS.l2ToL1MessagePasser,
      abi,
      'initiateWithdrawal',
      [ada.address, 100_000n, '0x'],
      9n,
    )
    expect(events.map((event) => event.name)).toEqual(['MessagePassed'])
    expect(await evm.balanceOf(PREDEPLOYS.l2ToL1MessagePasser)).toBe(9n)
  })
})

describe('fee vaults', () => {
  const vaults = {
    SequencerFeeVault: 'sequencerFeeVault',
    BaseFeeVault: 'baseFeeVault',
    L1FeeVault: 'l1FeeVault',
    OperatorFeeVault: 'operatorFeeVault',
  } as const

  it.each(Object.entries(vaults))('%s pays its recipient on L2, from ten OPEN on', async (name, predeploy) => {
    const { abi } = contractArtifact(name as keyof typeof vaults)
    const vault = PREDEPLOYS[predeploy]
    const withdraw = { from: bob, to: vault, data: encodeFunctionData({ abi, functionName: 'withdraw' }) }
    await evm.call({ from: ada.address, to: vault, value: parseEther('9') })
    expect((await evm.call(withdraw)).failed).toBe(true)
    await evm.call({ from: ada.address, to: vault, value: parseEther('1') })
    expect((await evm.call(withdraw)).failed).toBe(false)
    expect(await evm.balanceOf(config.genesis.feeRecipient)).toBe(parseEther('10'))
    expect(await read(vault, abi, 'totalProcessed')).toBe(parseEther('10'))
  })
})

describe('preinstalls', () => {
  it("Permit2's domain is this chain's", async () => {
    const abi = parseAbi(['function DOMAIN_SEPARATOR() view returns (bytes32)'])
    const separator = (await read(PREINSTALLS.permit2, abi, 'DOMAIN_SEPARATOR')) as Hex
    expect(separator).toBe(
      domainSeparator({
        domain: { name: 'Permit2', chainId: config.l2ChainId, verifyingContract: PREINSTALLS.permit2 },
      }),
    )
  })

  it('Multicall3 and the CREATE2 deployer answer', async () => {
    const abi = parseAbi(['function getChainId() view returns (uint256)'])
    expect(await read(PREINSTALLS.multicall3, abi, 'getChainId')).toBe(BigInt(config.l2ChainId))
    const deployed = await evm.call({
      from: bob,
      to: PREINSTALLS.create2Deployer,
      data: `0x${'00'.repeat(32)}60016000f3`,
    })
    expect(size(deployed.data)).toBe(20)
  })
})
