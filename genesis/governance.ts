/**
 * gOPEN, Governor and timelock at block 0: code with its immutables, and the storage that their constructors
 * would leave (OpenZeppelin Contracts 5.7; solc's storage layouts). governance.test.ts runs the constructors and compares.
 *
 *     gOPEN ──votes──> Governor ──proposes, cancels──> timelock ──governs──> Parameters, Datanets, Attribution
 */
import {
  concatHex,
  encodeAbiParameters,
  type Hex,
  keccak256,
  numberToHex,
  size,
  stringToBytes,
  stringToHex,
} from 'viem'
import { type Address, PREDEPLOYS } from './addresses.ts'
import type { ChainConfig, GovernanceSettings } from './chain-config.ts'
import { type OWN_CONTRACTS, runtimeCode, storagePlace } from './contracts.ts'

type OwnContract = (typeof OWN_CONTRACTS)[number]
export type Predeployed = { address: Address; code: Hex; storage: Record<Hex, Hex> }

const OPEN = 10n ** 18n
const DAY = 86_400

/** Seconds suffice on a development network for a proposal's whole life. */
const SETTINGS: Record<ChainConfig['network'], GovernanceSettings> = {
  production: {
    votingDelay: DAY,
    votingPeriod: 7 * DAY,
    proposalThreshold: 100_000n * OPEN,
    quorumPercent: 4,
    timelockDelay: 2 * DAY,
  },
  development: { votingDelay: 2, votingPeriod: 10, proposalThreshold: OPEN, quorumPercent: 4, timelockDelay: 2 },
}

export function governanceSettings(config: ChainConfig): GovernanceSettings {
  return config.genesis.governance ?? SETTINGS[config.network]
}

/** The three contracts of block 0. */
export function governanceContracts(config: ChainConfig): Predeployed[] {
  return [gopen(config), governor(config), timelock(config)]
}

const GOPEN_NAME = 'Governance OPEN'
const GOVERNOR_NAME = 'OpenLedger Governor'

function gopen(config: ChainConfig): Predeployed {
  const slot = (name: string) => word(storagePlace('GOPEN', name).slot)
  return {
    address: PREDEPLOYS.gopen,
    code: runtimeCode('GOPEN', domain(config, PREDEPLOYS.gopen, GOPEN_NAME)),
    storage: { [slot('_name')]: shortString(GOPEN_NAME), [slot('_symbol')]: shortString('gOPEN') },
  }
}

function governor(config: ChainConfig): Predeployed {
  const { votingDelay, votingPeriod, proposalThreshold, quorumPercent } = governanceSettings(config)
  const { governor: address, gopen: token, timelock } = PREDEPLOYS
  const history = storagePlace('OpenGovernor', '_quorumNumeratorHistory').slot
  const immutables = { ...domain(config, address, GOVERNOR_NAME), _token: word(token) }
  return {
    address,
    code: runtimeCode('OpenGovernor', immutables),
    storage: {
      ...packed('OpenGovernor', {
        _proposalThreshold: proposalThreshold,
        _votingDelay: BigInt(votingDelay),
        _votingPeriod: BigInt(votingPeriod),
        _timelock: BigInt(timelock),
      }),
      [word(storagePlace('OpenGovernor', '_name').slot)]: shortString(GOVERNOR_NAME),
      // One checkpoint: the quorum since block 0, key u48 in the low bits.
      [word(history)]: word(1n),
      [keccak256(word(history))]: word((BigInt(quorumPercent) << 48n) | BigInt(config.genesis.l2Time)),
    },
  }
}

/** Of AccessControl: keccak256 of the role's name, but for the administrator's. */
const ADMIN_ROLE = word(0n)
const role = (name: string) => keccak256(stringToBytes(name))

function timelock(config: ChainConfig): Predeployed {
  const { governor, timelock: address } = PREDEPLOYS
  const anybody = '0x0000000000000000000000000000000000000000'
  const roles = storagePlace('OpenTimelock', '_roles').slot
  const granted: [Hex, Address][] = [
    [ADMIN_ROLE, address],
    [role('PROPOSER_ROLE'), governor],
    [role('CANCELLER_ROLE'), governor],
    [role('EXECUTOR_ROLE'), anybody],
  ]
  const members = granted.map(([name, account]) => [mapped(word(account), mapped(name, word(roles))), word(1n)])
  return {
    address,
    code: runtimeCode('OpenTimelock'),
    storage: {
      ...Object.fromEntries(members),
      ...packed('OpenTimelock', { _minDelay: BigInt(governanceSettings(config).timelockDelay) }),
    },
  }
}

/** OpenZeppelin's EIP712 keeps its whole domain in immutables. */
function domain(config: ChainConfig, address: Address, name: string): Record<string, Hex> {
  const version = '1'
  const hashedName = keccak256(stringToBytes(name))
  const hashedVersion = keccak256(stringToBytes(version))
  const type = keccak256(
    stringToBytes('EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)'),
  )
  const chainId = BigInt(config.l2ChainId)
  const separator = encodeAbiParameters(
    [{ type: 'bytes32' }, { type: 'bytes32' }, { type: 'bytes32' }, { type: 'uint256' }, { type: 'address' }],
    [type, hashedName, hashedVersion, chainId, address],
  )
  return {
    _cachedDomainSeparator: keccak256(separator),
    _cachedChainId: word(chainId),
    _cachedThis: word(address),
    _hashedName: hashedName,
    _hashedVersion: hashedVersion,
    _name: short(name, 1n),
    _version: short(version, 1n),
  }
}

/** Values into the words of their state variables; what shares a word lies side by side. */
function packed(contract: OwnContract, values: Record<string, bigint>): Record<Hex, Hex> {
  const words = new Map<number, bigint>()
  for (const [name, value] of Object.entries(values)) {
    const { slot, bit } = storagePlace(contract, name)
    words.set(slot, (words.get(slot) ?? 0n) | (value << BigInt(bit)))
  }
  return Object.fromEntries([...words].map(([slot, value]) => [word(slot), word(value)]))
}

/** A text of up to 31 bytes in one word: in storage its last byte is twice the length, in OpenZeppelin's ShortString the length. */
function short(text: string, unit: bigint): Hex {
  const bytes = stringToHex(text)
  if (size(bytes) > 31) throw new RangeError(`"${text}" does not fit a word`)
  return word(BigInt(stringToHex(text, { size: 32 })) | (BigInt(size(bytes)) * unit))
}

const shortString = (text: string): Hex => short(text, 2n)
const mapped = (key: Hex, slot: Hex): Hex => keccak256(concatHex([key, slot]))

function word(value: Hex | bigint | number): Hex {
  return numberToHex(BigInt(value), { size: 32 })
}
