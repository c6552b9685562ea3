// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// @title Attribution (native contract 04): settlements and payouts.
/// @notice A native contract: no Solidity lies behind it, the node executes it (docs/protocol.md). It answers at
///         0x4f50454E00000000000000000000000000000004, by CALL and STATICCALL only; DELEGATECALL meets code 0xfe.
///         Kept equal to genesis/abi/attribution.ts by a test.
interface IAttribution {
    struct Entry {
        uint32 row;
        uint64 cluster;
        int32 raw;
        uint16 scale;
    }

    struct Leaf {
        bytes32 channel;
        uint64 n;
        uint64 version;
        uint128 fee;
        uint32 promptTokens;
        uint32 outputTokens;
        bytes32 promptHash;
        bytes32 outputHash;
        bool openable;
        uint64 asOf;
        bytes32 queryHash;
        Entry[] entries;
    }

    struct Voucher {
        bytes32 channel;
        uint128 maxClaimableAmount;
        bytes signature;
    }

    struct Settlement {
        address prover;
        uint64 version;
        uint128 fee;
        bytes32 leafHash;
        uint64 settledAt;
        uint64 maturesAt;
        uint128 lockedStake;
        bool matured;
    }

    function settle(Leaf[] calldata leaves, Voucher[] calldata vouchers) external returns (uint256 settled);
    function withdrawIncome(uint64 datanet) external returns (uint256 amount);

    function getSettlement(bytes32 request) external view returns (Settlement memory);
    function settlementCount() external view returns (uint64);
    function requestAt(uint64 index) external view returns (bytes32 request);
    function pendingOf(address recipient) external view returns (uint256 amount);
    function earnedOf(address recipient) external view returns (uint256 amount);
    function incomeOf(uint64 datanet, address holder) external view returns (uint256 amount);
    function treasury() external view returns (uint256 amount);

    event Settled(bytes32 indexed request, uint64 indexed version, address indexed prover, bytes leaf);
    event LeafSkipped(bytes32 indexed request, uint8 reason);
    event VoucherSkipped(bytes32 indexed channel, uint8 reason);
    event Credited(
        bytes32 indexed request,
        address indexed recipient,
        uint8 indexed role,
        uint64 cluster,
        uint128 amount
    );
    event Matured(address indexed recipient, uint128 amount);
    event IncomeWithdrawn(uint64 indexed datanet, address indexed holder, uint128 amount);

    error InvalidField(string field, string reason);
    error NotProver(address caller);
    error NothingToWithdraw(uint64 datanet, address holder);
}
