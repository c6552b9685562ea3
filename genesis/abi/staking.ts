import { parseAbi } from 'viem'

/** Staking (native contract 05): provers', validators' and curators' stake and its locks. docs/protocol.md, "Staking". */
export const stakingAbi = parseAbi([
  'struct Stake { uint128 amount; uint128 locked; uint128 unstaking; uint64 withdrawableAt; uint128 rewards; }',

  'function stake(uint8 role) payable',
  'function unstake(uint8 role, uint128 amount)',
  'function withdraw(uint8 role) returns (uint128 amount)',
  'function collectRewards(uint8 role) returns (uint128 amount)',

  'function stakeOf(address account, uint8 role) view returns (Stake)',
  'function totalStake(uint8 role) view returns (uint128)',

  'event Staked(address indexed account, uint8 indexed role, uint128 amount, uint128 total)',
  'event Unstaking(address indexed account, uint8 indexed role, uint128 amount, uint64 withdrawableAt)',
  'event StakeWithdrawn(address indexed account, uint8 indexed role, uint128 amount)',
  'event RewardsCollected(address indexed account, uint8 indexed role, uint128 amount)',

  'error UnknownRole(uint8 role)',
  'error InvalidField(string field, string reason)',
  'error StakeTooSmall(uint128 required, uint256 sent)',
  'error NotEnoughFreeStake(uint128 free, uint128 asked)',
  'error TooEarly(uint64 withdrawableAt)',
  'error NothingToWithdraw(address account, uint8 role)',
])

export const STAKE_ROLE = { prover: 1, validator: 2, curator: 3 } as const
