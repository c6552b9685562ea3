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

    struct Receipt {
        bytes32 channel;
        uint64 n;
        uint64 version;
        uint128 fee;
        uint32 promptTokens;
        uint32 outputTokens;
        bytes32 promptHash;
        bytes32 outputHash;
        bool openable;
    }

    struct RowProof {
        bytes row;
        bytes32[] path;
    }

    struct Opening {
        bytes query;
        bytes promptIds;
        bytes outputIds;
        bytes32 promptSalt;
        bytes32 outputSalt;
    }

    struct Demand {
        address demander;
        uint128 bond;
        uint64 deadline;
    }

    function settle(Leaf[] calldata leaves, Voucher[] calldata vouchers) external returns (uint256 settled);
    function withdrawIncome(uint64 datanet) external returns (uint256 amount);
    function withdrawCuratorIncome(uint64 datanet) external returns (uint256 amount);
    function commitChallenge(bytes32 commitment) external payable;
    function reclaimChallengeBond(bytes32 commitment) external;
    function challengeScore(
        bytes calldata claim,
        Leaf calldata leaf,
        uint32 entry,
        bytes calldata query,
        RowProof calldata evidence,
        bytes32 salt
    ) external returns (bool upheld);
    function challengeOmission(
        bytes calldata claim,
        Leaf calldata leaf,
        bytes calldata query,
        RowProof calldata evidence,
        bytes32 salt
    ) external returns (bool upheld);
    function challengeReceipt(
        bytes calldata claim,
        Leaf calldata leaf,
        Receipt calldata receipt,
        bytes calldata signature,
        bytes32 salt
    ) external returns (bool upheld);
    function challengeSame(
        uint64 version,
        RowProof calldata one,
        RowProof calldata other,
        bytes32 salt
    ) external returns (bool upheld);
    function demandOpening(bytes calldata claim, Leaf calldata leaf) external payable;
    function reveal(bytes calldata claim, Leaf calldata leaf, Opening calldata opening) external;
    function punishHidden(bytes calldata claim, Leaf calldata leaf) external;

    function getSettlement(bytes32 request) external view returns (Settlement memory);
    function claimOf(bytes32 request) external view returns (bytes32 claimHash, uint8 status);
    function demandOf(bytes32 request) external view returns (Demand memory);
    function challengeOf(
        address challenger,
        bytes32 commitment
    ) external view returns (uint64 committedIn, uint128 bond);
    function settlementCount() external view returns (uint64);
    function requestAt(uint64 index) external view returns (bytes32 request);
    function pendingOf(address recipient) external view returns (uint256 amount);
    function earnedOf(address recipient) external view returns (uint256 amount);
    function incomeOf(uint64 datanet, address holder) external view returns (uint256 amount);
    function curatorIncomeOf(uint64 datanet, address curator) external view returns (uint256 amount);
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
    event CuratorIncomeWithdrawn(uint64 indexed datanet, address indexed curator, uint128 amount);
    event Claimed(bytes32 indexed request, bytes claim);
    event ChallengeCommitted(bytes32 indexed commitment, address indexed challenger, uint128 bond);
    event ChallengeBondReturned(bytes32 indexed commitment, address indexed challenger, uint128 bond);
    event ChallengeUpheld(bytes32 indexed subject, address indexed challenger, uint8 indexed challenge, string fault);
    event ChallengeFailed(
        bytes32 indexed subject,
        address indexed challenger,
        uint8 indexed challenge,
        uint128 bondLost
    );
    event ClaimUndone(
        bytes32 indexed request,
        address indexed prover,
        address indexed challenger,
        uint128 slashed,
        uint128 reward
    );
    event OpeningDemanded(bytes32 indexed request, address indexed demander, uint64 deadline);
    event Revealed(bytes32 indexed request, address indexed revealer, bytes query, bytes promptIds, bytes outputIds);

    error InvalidField(string field, string reason);
    error NotProver(address caller);
    error NothingToWithdraw(uint64 datanet, address holder);
    error UnknownClaim(bytes32 request);
    error ClaimMatured(bytes32 request, uint64 maturedAt);
    error ClaimUndoneBefore(bytes32 request);
    error UnknownVersion(uint64 version);
    error VersionNotLive(uint64 version);
    error BondTooSmall(uint128 required, uint256 sent);
    error ChallengeTaken(bytes32 commitment);
    error UnknownChallenge(bytes32 commitment);
    error ChallengeTooYoung(bytes32 commitment, uint64 committedIn);
    error TooEarly(uint64 until);
    error AlreadyDemanded(bytes32 request);
    error NotDemanded(bytes32 request);
    error DeadlinePassed(bytes32 request, uint64 deadline);
}
