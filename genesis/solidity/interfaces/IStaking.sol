// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// @title Staking (native contract 05): provers', validators' and curators' stake, its locks and rewards.
/// @notice A native contract: no Solidity lies behind it, the node executes it (docs/protocol.md). It answers at
///         0x4F50454E00000000000000000000000000000005, by CALL and STATICCALL only; DELEGATECALL meets code 0xfe.
///         Kept equal to genesis/abi/staking.ts by a test.
interface IStaking {
    struct Stake {
        uint128 amount;
        uint128 locked;
        uint128 unstaking;
        uint64 withdrawableAt;
        uint128 rewards;
    }

    function stake(uint8 role) external payable;
    function unstake(uint8 role, uint128 amount) external;
    function withdraw(uint8 role) external returns (uint128 amount);
    function collectRewards(uint8 role) external returns (uint128 amount);

    function stakeOf(address account, uint8 role) external view returns (Stake memory);
    function totalStake(uint8 role) external view returns (uint128);

    event Staked(address indexed account, uint8 indexed role, uint128 amount, uint128 total);
    event Unstaking(address indexed account, uint8 indexed role, uint128 amount, uint64 withdrawableAt);
    event StakeWithdrawn(address indexed account, uint8 indexed role, uint128 amount);
    event RewardsCollected(address indexed account, uint8 indexed role, uint128 amount);

    error UnknownRole(uint8 role);
    error InvalidField(string field, string reason);
    error StakeTooSmall(uint128 required, uint256 sent);
    error NotEnoughFreeStake(uint128 free, uint128 asked);
    error TooEarly(uint64 withdrawableAt);
    error NothingToWithdraw(address account, uint8 role);
}
