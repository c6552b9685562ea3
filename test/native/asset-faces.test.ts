/**
 * A Datanet's shares as an ERC-20 and models as an ERC-721, on a whole node, used by wallets and by ordinary contracts
 * (test/native/solidity/AssetMarket.sol) that were written against OpenZeppelin's interfaces.
 */
import {
  type Abi,
  type Account,
  decodeErrorResult,
  encodeFunctionData,
  erc20Abi,
  erc721Abi,
  getAddress,
  type Hex,
  keccak256,
  parseEther,
  parseEventLogs,
  parseSignature,
  stringToBytes,
  toHex,
  zeroAddress,
} from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commitmentOf, contributed, createdDatanet, createdModel, NativeContractError } from '../../client/index.ts'
import { modelTokenAbi, shareFactoryAbi, shareTokenAbi } from '../../genesis/abi/asset-faces.ts'
import { datanetsAbi } from '../../genesis/abi/datanets.ts'
import { modelsAbi } from '../../genesis/abi/models.ts'
import { type Address, ASSET_FACES, NATIVE } from '../../genesis/addresses.ts'
import { contractArtifact } from '../../genesis/contracts.ts'
import { ACCOUNTS } from '../../node/chain/testing/test-chain.ts'
import { shareTokenOf } from '../../protocol/share-token.ts'
import { compileSolidity } from '../fixtures/solidity.ts'
import { WholeNode } from '../fixtures/whole-node.ts'

const [ada, bob, carol] = [ACCOUNTS[0]!, ACCOUNTS[1]!, ACCOUNTS[2]!]
const GAS = 2_000_000n
const SALT = toHex(7, { size: 32 })
const CONTENT = stringToBytes('A share of what a text earns is a thing, and things change hands. '.repeat(8))
const UNITS = BigInt(Math.ceil(CONTENT.length / 4))
const SOURCE = 'test/native/solidity/AssetMarket.sol'
const LIFETIME = 60n
const ALL_ERRORS: Abi = [...shareTokenAbi, ...modelTokenAbi, ...datanetsAbi, ...modelsAbi].filter(
  ({ type }) => type === 'error',
)

let node: WholeNode
let datanet: bigint
let cluster: bigint
let model: bigint
let token: Address
let market: { address: Address; abi: Abi }

async function deploy(name: string, args: unknown[] = []): Promise<{ address: Address; abi: Abi }> {
  const compiled = compileSolidity(SOURCE, name)
  const receipt = await node.mined(node.wallet().deployContract({ ...compiled, args, gas: GAS }))
  return { address: getAddress(receipt.contractAddress!), abi: compiled.abi }
}

beforeAll(async () => {
  node = await WholeNode.start({ parameters: { commitLifetime: LIFETIME } })
  const wallet = node.wallet(ada)
  datanet = createdDatanet(await node.mined(wallet.createDatanet({ name: 'Solidity "0.8"', domain: 'contracts' })))
  const commitment = commitmentOf({ owner: ada.address, datanet, content: CONTENT, salt: SALT })
  await node.mined(wallet.commitContribution({ commitment, bond: parseEther('0.001') }))
  cluster = contributed(await node.mined(wallet.contribute({ datanet, content: CONTENT, salt: SALT }))).cluster
  const hashes = { weightsHash: keccak256('0x01'), tokenizerHash: keccak256('0x02') }
  await node.mined(wallet.registerBase({ ...hashes, architecture: 'retrieval', uri: '' }))
  const prices = { pricePer1kIn: 10n, pricePer1kOut: 20n }
  const created = await node.mined(wallet.createModel({ base: 1n, datanets: [datanet], ...prices, name: 'say "hi"\n' }))
  model = createdModel(created)
  token = shareTokenOf(datanet)
  market = await deploy('AssetMarket')
}, 60_000)

afterAll(async () => {
  expect(node.defects).toEqual([])
  await node.stop()
})

type Call = { address: Address; abi: Abi; functionName: string; args?: readonly unknown[] }

const read = (call: Call) => node.client.readContract(call)
const write = (who: Account, call: Call, value = 0n) =>
  node.mined(node.wallet(who).sendTransaction({ to: call.address, data: encodeFunctionData(call), value, gas: GAS }))

/** The custom error that a call reverts with. */
async function refused(who: Account, call: Call): Promise<string> {
  const { error } = await node.ask('eth_call', { from: who.address, to: call.address, data: encodeFunctionData(call) })
  expect(error?.code).toBe(3)
  return decodeErrorResult({ abi: ALL_ERRORS, data: error!.data! }).errorName
}

const shares = (functionName: string, ...args: unknown[]): Call => ({
  address: token,
  abi: shareTokenAbi,
  functionName,
  args,
})
const nfts = (functionName: string, ...args: unknown[]): Call => ({
  address: ASSET_FACES.modelToken,
  abi: modelTokenAbi,
  functionName,
  args,
})
const balances = async (...holders: Address[]) =>
  Promise.all(holders.map((holder) => read(shares('balanceOf', holder))))

describe('the ABIs in TypeScript', () => {
  it('are parts of the compiled contracts', () => {
    const faces = {
      DatanetShare: shareTokenAbi,
      DatanetShareFactory: shareFactoryAbi,
      ModelToken: modelTokenAbi,
    } as const
    for (const [name, abi] of Object.entries(faces)) {
      const compiled = new Set(contractArtifact(name as keyof typeof faces).abi.map(signature))
      expect((abi as Abi).map(signature).filter((each) => !compiled.has(each))).toEqual([])
    }
    for (const [ours, standard] of [
      [shareTokenAbi, erc20Abi],
      [modelTokenAbi, erc721Abi],
    ] as [Abi, Abi][]) {
      const have = new Set(ours.map(signature))
      const enumerable = /tokenByIndex|tokenOfOwnerByIndex/
      expect(standard.map(signature).filter((each) => !have.has(each) && !enumerable.test(each))).toEqual([])
    }
  })
})

function signature(item: Abi[number]): string {
  const inputs = 'inputs' in item ? item.inputs.map(({ type }) => type).join() : ''
  return `${item.type} ${'name' in item ? item.name : ''}(${inputs})`
}

describe('a share token', () => {
  it('is deployed by anybody, once, where everybody expects it', async () => {
    expect(await node.client.getCode({ address: token })).toBeUndefined()
    const receipt = await node.mined(node.wallet(bob).createShareToken({ datanet, gas: GAS }))
    const [created] = parseEventLogs({ abi: shareFactoryAbi, logs: receipt.logs })
    expect(created?.args).toEqual({ datanet, token: getAddress(token) })
    const factory = { address: ASSET_FACES.shareFactory, abi: shareFactoryAbi, args: [datanet] } as const
    expect(await node.client.readContract({ ...factory, functionName: 'tokenOf' })).toBe(getAddress(token))
    expect(await node.wallet().getShareToken({ datanet })).toBe(getAddress(token))
    const again = await node.mined(node.wallet(bob).createShareToken({ datanet, gas: GAS }))
    expect(again).toMatchObject({ status: 'success', logs: [] })
    const missing = node.wallet(bob).createShareToken({ datanet: 99n })
    await expect(missing).rejects.toMatchObject({ errorName: 'UnknownDatanet', args: { datanet: 99n } })
  })

  it('says what it is a share of', async () => {
    expect(await read(shares('name'))).toBe(`OpenLedger Datanet ${datanet}: Solidity "0.8"`)
    expect(await read(shares('symbol'))).toBe(`OLD-${datanet}`)
    expect(await read(shares('decimals'))).toBe(0)
    expect(await read(shares('datanet'))).toBe(datanet)
    expect(await read(shares('totalSupply'))).toBe(UNITS)
    expect(await balances(ada.address, bob.address)).toEqual([UNITS, 0n])
  })

  it('transfers nothing of a cluster that could still be another’s', async () => {
    expect(await read(shares('transferableOf', ada.address))).toBe(0n)
    expect(await refused(ada, shares('transfer', bob.address, 1n))).toBe('SharesBound')
    const early = await node
      .wallet(ada)
      .releaseShares({ cluster })
      .catch((error: unknown) => error)
    expect(early).toBeInstanceOf(NativeContractError)
    expect(early).toMatchObject({ errorName: 'ReleaseTooEarly' })
    const [, releasableAt] = await node.wallet().getRelease({ cluster })
    while ((await node.client.getBlock()).timestamp <= releasableAt) await node.mine()
    expect((await node.mined(node.wallet(ada).releaseShares({ cluster }))).status).toBe('success')
    expect(await read(shares('transferableOf', ada.address))).toBe(UNITS)
  })

  it('transfers by itself, by allowance and by a signed permit', async () => {
    const receipt = await node.mined(node.wallet(ada).transferShares({ datanet, to: bob.address, amount: 30n }))
    const transfers = parseEventLogs({ abi: shareTokenAbi, logs: receipt.logs, eventName: 'Transfer' })
    expect(transfers).toMatchObject([{ address: token, args: { from: ada.address, to: bob.address, value: 30n } }])
    const natives = parseEventLogs({ abi: datanetsAbi, logs: receipt.logs, eventName: 'SharesTransferred' })
    expect(natives).toMatchObject([{ address: NATIVE.datanets, args: { datanet, amount: 30n } }])
    expect(await balances(ada.address, bob.address)).toEqual([UNITS - 30n, 30n])

    await write(bob, shares('approve', carol.address, 20n))
    await write(carol, shares('transferFrom', bob.address, carol.address, 12n))
    expect(await balances(bob.address, carol.address)).toEqual([18n, 12n])
    expect(await read(shares('allowance', bob.address, carol.address))).toBe(8n)

    const chainId = node.config.l2ChainId
    const name = (await read(shares('name'))) as string
    const deadline = (await node.client.getBlock()).timestamp + 1_000n
    const message = { owner: bob.address, spender: carol.address, value: 5n, nonce: 0n, deadline }
    const field = (name: string, type: string) => ({ name, type })
    const signed = await node.wallet(bob).signTypedData({
      domain: { name, version: '1', chainId, verifyingContract: token },
      types: {
        Permit: [
          field('owner', 'address'),
          field('spender', 'address'),
          ...['value', 'nonce', 'deadline'].map((each) => field(each, 'uint256')),
        ],
      },
      primaryType: 'Permit',
      message,
    })
    const { r, s, yParity } = parseSignature(signed)
    const permit = (value: bigint) => shares('permit', bob.address, carol.address, value, deadline, 27 + yParity, r, s)
    expect(await refused(carol, permit(6n))).toBe('ERC2612InvalidSigner')
    expect((await write(carol, permit(5n))).status).toBe('success')
    expect(await read(shares('allowance', bob.address, carol.address))).toBe(5n)
    expect(await refused(carol, permit(5n))).toBe('ERC2612InvalidSigner')
  })

  it('refuses by the names of ERC-6093', async () => {
    expect(await refused(bob, shares('transfer', carol.address, 1_000n))).toBe('ERC20InsufficientBalance')
    expect(await refused(bob, shares('transfer', zeroAddress, 1n))).toBe('ERC20InvalidReceiver')
    expect(await refused(ada, shares('transferFrom', bob.address, ada.address, 1n))).toBe('ERC20InsufficientAllowance')
    expect(await refused(bob, shares('approve', zeroAddress, 1n))).toBe('ERC20InvalidSpender')
    const args = [datanet, bob.address, ada.address, 1n]
    expect(
      await refused(ada, { address: NATIVE.datanets, abi: datanetsAbi, functionName: 'transferShares', args }),
    ).toBe('NotShareToken')
  })

  it('is bought and sold by a contract that knows ERC-20', async () => {
    await write(ada, shares('approve', market.address, 50n))
    const price = parseEther('2')
    const offer = { ...market, functionName: 'offerShares', args: [token, 50n, price] }
    expect((await write(ada, offer)).status).toBe('success')
    expect(await balances(market.address)).toEqual([50n])
    const before = await node.client.getBalance({ address: ada.address })
    await write(carol, { ...market, functionName: 'buyShares', args: [token] }, price)
    expect(await balances(market.address, carol.address)).toEqual([0n, 62n])
    expect(await node.client.getBalance({ address: ada.address })).toBe(before + price)
  })

  it('must be bought back to withdraw what it stands for', async () => {
    const withdraw = node.wallet(ada).withdrawContribution({ contribution: 1n })
    await expect(withdraw).rejects.toMatchObject({
      errorName: 'SharesMissing',
      args: { required: UNITS, free: UNITS - 80n },
    })
  })
})

describe('a model as a token', () => {
  it('is its creator’s from the beginning', async () => {
    expect(await read(nfts('ownerOf', model))).toBe(getAddress(ada.address))
    expect(await read(nfts('balanceOf', ada.address))).toBe(1n)
    expect(await read(nfts('totalSupply'))).toBe(1n)
    const interfaces = ['0x01ffc9a7', '0x80ac58cd', '0x5b5e139f', '0x2a55205a', '0xffffffff']
    const supported = await Promise.all(interfaces.map((id) => read(nfts('supportsInterface', id))))
    expect(supported).toEqual([true, true, true, true, false])
  })

  it('has its record as metadata', async () => {
    const uri = (await read(nfts('tokenURI', model))) as string
    const json: unknown = JSON.parse(Buffer.from(uri.replace('data:application/json;base64,', ''), 'base64').toString())
    expect(json).toMatchObject({
      name: 'say "hi"\n',
      attributes: expect.arrayContaining([
        { trait_type: 'creator', value: getAddress(ada.address) },
        { trait_type: 'datanet', value: `${datanet}` },
      ]),
    })
  })

  it('has a royalty that its creator chooses once', async () => {
    expect(await read(nfts('royaltyInfo', model, 10_000n))).toEqual([getAddress(ada.address), 0n])
    await expect(node.wallet(ada).setRoyalty({ model, royaltyBps: 1_001 })).rejects.toMatchObject({
      errorName: 'InvalidField',
    })
    await node.mined(node.wallet(ada).setRoyalty({ model, royaltyBps: 750 }))
    expect(await read(nfts('royaltyInfo', model, parseEther('1')))).toEqual([
      getAddress(ada.address),
      parseEther('0.075'),
    ])
    const most = 2n ** 256n - 1n
    expect(await read(nfts('royaltyInfo', model, most))).toEqual([getAddress(ada.address), (most * 750n) / 10_000n])
    const again = node.wallet(ada).setRoyalty({ model, royaltyBps: 0 })
    await expect(again).rejects.toMatchObject({ errorName: 'RoyaltyAlreadySet' })
    expect(await node.wallet().getRoyalty({ model })).toEqual([getAddress(ada.address), 750, true])
  })

  it('is bought and sold by a contract that knows ERC-721, which pays the royalty', async () => {
    const price = parseEther('4')
    await write(ada, nfts('approve', market.address, model))
    const offered = await write(ada, {
      ...market,
      functionName: 'offerItem',
      args: [ASSET_FACES.modelToken, model, price],
    })
    const transfers = parseEventLogs({ abi: modelTokenAbi, logs: offered.logs, eventName: 'Transfer' })
    // Its mint had no place for a log before.
    expect(transfers.map(({ args }) => [args.from, args.to])).toEqual([
      [zeroAddress, getAddress(ada.address)],
      [getAddress(ada.address), market.address],
    ])
    expect(await read(nfts('getApproved', model))).toBe(zeroAddress)
    await write(bob, { ...market, functionName: 'buyItem', args: [ASSET_FACES.modelToken, model] }, price)
    await write(bob, nfts('setApprovalForAll', market.address, true))
    await write(bob, { ...market, functionName: 'offerItem', args: [ASSET_FACES.modelToken, model, price] })
    const before = await Promise.all([ada, bob].map(({ address }) => node.client.getBalance({ address })))
    await write(carol, { ...market, functionName: 'buyItem', args: [ASSET_FACES.modelToken, model] }, price)
    const after = await Promise.all([ada, bob].map(({ address }) => node.client.getBalance({ address })))
    expect([after[0]! - before[0]!, after[1]! - before[1]!]).toEqual([parseEther('0.3'), parseEther('3.7')])
    expect(await read(nfts('ownerOf', model))).toBe(getAddress(carol.address))
    expect(await node.wallet().getModel({ model })).toMatchObject({ owner: getAddress(carol.address) })
    expect(await node.wallet().getOwnedModelCount({ owner: carol.address })).toBe(1n)
  })

  it('is governed by its owner alone: the seller opens no run of it any more', async () => {
    const plan = { manifestRoot: keccak256('0x03'), hyperparametersHash: keccak256('0x04'), seed: 1n }
    const run = { model, ...plan, datanets: [{ datanet, weightBps: 10_000 }] }
    await expect(node.wallet(ada).openRun(run)).rejects.toMatchObject({ errorName: 'NotModelOwner' })
    expect((await node.mined(node.wallet(carol).openRun(run))).status).toBe('success')
  })

  it('asks a receiver that is a contract, and is safe from what that does meanwhile', async () => {
    const [deaf, refusing] = [await deploy('DeafReceiver'), await deploy('RefusingReceiver')]
    const passing = await deploy('PassingReceiver', [bob.address])
    const send = (to: Address) => nfts('safeTransferFrom', carol.address, to, model)
    expect(await refused(carol, send(deaf.address))).toBe('ERC721InvalidReceiver')
    expect(await refused(carol, send(refusing.address))).toBe('ERC721InvalidReceiver')
    const receipt = await node.mined(node.wallet(carol).transferModel({ model, to: passing.address, gas: GAS }))
    const transfers = parseEventLogs({ abi: modelTokenAbi, logs: receipt.logs, eventName: 'Transfer' })
    expect(transfers.map(({ args }) => args.to)).toEqual([passing.address, getAddress(bob.address)])
    const refusal = (await read({ ...passing, functionName: 'refusal' })) as Hex
    expect(decodeErrorResult({ abi: ALL_ERRORS, data: refusal }).errorName).toBe('ERC721InsufficientApproval')
    expect(await read(nfts('ownerOf', model))).toBe(getAddress(bob.address))
  })

  it('refuses by the names of ERC-6093', async () => {
    expect(await refused(ada, nfts('ownerOf', 99n))).toBe('ERC721NonexistentToken')
    expect(await refused(ada, nfts('ownerOf', (1n << 64n) + model))).toBe('ERC721NonexistentToken')
    expect(await refused(ada, nfts('balanceOf', zeroAddress))).toBe('ERC721InvalidOwner')
    const move = (from: Address, to: Address) => nfts('transferFrom', from, to, model)
    expect(await refused(ada, move(bob.address, ada.address))).toBe('ERC721InsufficientApproval')
    expect(await refused(bob, move(ada.address, bob.address))).toBe('ERC721IncorrectOwner')
    expect(await refused(bob, move(bob.address, zeroAddress))).toBe('ERC721InvalidReceiver')
    expect(await refused(ada, nfts('approve', ada.address, model))).toBe('ERC721InvalidApprover')
    expect(await refused(ada, nfts('setApprovalForAll', zeroAddress, true))).toBe('ERC721InvalidOperator')
    const args = [model, bob.address, ada.address]
    expect(await refused(ada, { address: NATIVE.models, abi: modelsAbi, functionName: 'transferModel', args })).toBe(
      'NotModelToken',
    )
  })
})
