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

    struct BatchPart {
        bytes32 channel;
        uint64 first;
        uint64 last;
        uint128 fees;
    }

    struct SumPath {
        uint32 index;
        bytes32[] hashes;
        uint128[] sums;
    }

    struct Batch {
        address prover;
        bytes32 root;
        uint32 leaves;
        uint128 fees;
        uint128 perDraw;
        uint128 lockPerDraw;
        uint64 committedIn;
        uint64 drawnBy;
        uint64 deadline;
        uint8 draws;
        uint64 open;
    }

    struct VoteCount {
        bytes32 leader;
        uint128 leading;
        uint128 revealed;
        uint64 commitUntil;
        uint64 revealUntil;
    }

    struct Round {
        address challenger;
        uint8 kind;
        uint8 status;
        uint8 seats;
        uint64 version;
        bytes32 subject;
        bytes32 committed;
        uint128 bond;
        uint128 seatReward;
        uint64 boundary;
        uint64 drawAt;
        uint64 drawUntil;
        uint64 appealUntil;
        address appellant;
        uint64 showUntil;
        uint128 appealBond;
        uint128 appealStake;
        VoteCount committee;
        VoteCount appeal;
    }

    struct Ballot {
        bytes32 commitment;
        bytes32 vote;
        uint128 weight;
        uint128 locked;
    }

    function settle(Leaf[] calldata leaves, Voucher[] calldata vouchers) external returns (uint256 settled);
    function settleBatch(
        bytes32 root,
        uint32 leaves,
        BatchPart[] calldata parts,
        Voucher[] calldata vouchers
    ) external returns (uint64 batch);
    function settleDraws(uint64 batch, uint8[] calldata draws, Leaf calldata leaf, SumPath calldata path) external;
    function forfeitDraws(uint64 batch) external returns (uint8 forfeited);
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
    function challengeQuery(bytes calldata claim, Leaf calldata leaf, bytes32 salt) external returns (uint64 round);
    function challengeRow(uint64 version, RowProof calldata evidence, bytes32 salt) external returns (uint64 round);
    function challengeCurvature(uint64 version, uint32 blockIndex, bytes calldata parts, bytes32 salt)
        external
        returns (uint64 round);
    function drawCommittee(uint64 round) external returns (uint8 seats);
    function commitSeat(uint64 round, bytes32 commitment) external;
    function revealSeat(uint64 round, bytes32 vectorHash, bytes32 salt) external;
    function appealRound(uint64 round) external payable;
    function decideQuery(
        uint64 round,
        bytes calldata claim,
        Leaf calldata leaf,
        bytes calldata query,
        bytes calldata vector
    ) external returns (bool upheld);
    function decideRow(uint64 round, bytes calldata row, bytes calldata vector) external returns (bool upheld);
    function decideCurvature(uint64 round) external returns (bool upheld);
    function voidRound(uint64 round) external;
    function releaseClaim(bytes calldata claim, Leaf calldata leaf) external;
    function demandOpening(bytes calldata claim, Leaf calldata leaf) external payable;
    function reveal(bytes calldata claim, Leaf calldata leaf, Opening calldata opening) external;
    function punishHidden(bytes calldata claim, Leaf calldata leaf) external;
    function demandRow(uint64 version, uint32 row) external payable;
    function revealRow(
        uint64 version,
        RowProof calldata evidence,
        bytes calldata manifestItem,
        bytes32[] calldata manifestPath
    ) external;
    function punishHiddenRow(uint64 version, uint32 row) external;
    function grant(address recipient, uint256 amount) external;

    function getSettlement(bytes32 request) external view returns (Settlement memory);
    function claimOf(bytes32 request) external view returns (bytes32 claimHash, uint8 status);
    function demandOf(bytes32 request) external view returns (Demand memory);
    function rowDemandOf(uint64 version, uint32 row) external view returns (Demand memory);
    function challengeOf(
        address challenger,
        bytes32 commitment
    ) external view returns (uint64 committedIn, uint128 bond);
    function roundCount() external view returns (uint64);
    function roundOf(bytes32 subject) external view returns (uint64 round, bool decided);
    function getRound(uint64 round) external view returns (Round memory);
    function seatsOf(uint64 round) external view returns (address[] memory holders, uint8[] memory seats);
    function ballotOf(uint64 round, bool inAppeal, address voter) external view returns (Ballot memory);
    function settlementCount() external view returns (uint64);
    function requestAt(uint64 index) external view returns (bytes32 request);
    function batchCount() external view returns (uint64);
    function getBatch(uint64 batch) external view returns (Batch memory);
    function drawOf(uint64 batch, uint8 draw) external view returns (uint128 position);
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
    event BatchCommitted(
        uint64 indexed batch,
        address indexed prover,
        bytes32 root,
        uint32 leaves,
        uint128 fees,
        uint8 draws,
        uint64 drawnBy,
        uint64 deadline
    );
    event DrawsSettled(uint64 indexed batch, bytes32 indexed request, uint8[] draws, uint128 amount);
    event DrawsForfeited(
        uint64 indexed batch,
        address indexed prover,
        address indexed reporter,
        uint8 forfeited,
        uint128 slashed,
        uint128 reward
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
    event FeatureChallenged(
        uint64 indexed round,
        bytes32 indexed subject,
        address indexed challenger,
        uint8 kind,
        uint64 version,
        uint32 index,
        bytes32 committed,
        uint64 drawAt
    );
    event CommitteeDrawn(
        uint64 indexed round, address[] holders, uint8[] seats, uint64 commitUntil, uint64 revealUntil
    );
    event VoteCommitted(uint64 indexed round, address indexed voter, uint128 weight);
    event VoteRevealed(uint64 indexed round, address indexed voter, bytes32 vectorHash, uint128 weight);
    event RoundAppealed(
        uint64 indexed round, address indexed appellant, uint128 bond, uint64 commitUntil, uint64 revealUntil
    );
    event RoundVoid(uint64 indexed round, bytes32 indexed subject, address indexed challenger);
    event SeatPaid(uint64 indexed round, address indexed holder, uint128 amount);
    event SeatSlashed(uint64 indexed round, address indexed holder, uint128 amount);
    event ClaimUndone(
        bytes32 indexed request,
        address indexed prover,
        address indexed challenger,
        uint128 slashed,
        uint128 reward
    );
    event OpeningDemanded(bytes32 indexed request, address indexed demander, uint64 deadline);
    event Revealed(bytes32 indexed request, address indexed revealer, bytes query, bytes promptIds, bytes outputIds);
    event RowDemanded(uint64 indexed version, uint32 indexed row, address indexed demander, uint64 deadline);
    event RowRevealed(
        uint64 indexed version,
        uint32 indexed row,
        address indexed revealer,
        bytes encodedRow,
        bytes manifestItem
    );
    event RowHidden(uint64 indexed version, uint32 indexed row, address indexed demander);
    event RowDemandVoid(uint64 indexed version, uint32 indexed row, address indexed demander);
    event Granted(address indexed recipient, uint256 amount);

    error InvalidField(string field, string reason);
    error NotProver(address caller);
    error NothingToWithdraw(uint64 datanet, address holder);
    error ChannelRefused(bytes32 channel, uint8 reason);
    error LeafRefused(bytes32 request, uint8 reason);
    error StakeTooSmall(address prover, uint256 required);
    error UnknownBatch(uint64 batch);
    error NotBatchProver(address caller, address prover);
    error DrawPending(uint64 batch, uint64 drawnBy);
    error DrawNotOpen(uint64 batch, uint8 draw);
    error DrawElsewhere(uint64 batch, uint8 draw, uint128 position);
    error BatchOver(uint64 batch, uint64 deadline);
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
    error NotRevealed(bytes32 request);
    error NotHeld(bytes32 request, uint64 round);
    error SubjectTaken(bytes32 subject, uint64 round);
    error UnknownRound(uint64 round);
    error RoundNotOpen(uint64 round, uint8 status);
    error NotDrawable(uint64 round, uint64 drawAt, uint64 drawUntil);
    error NoSeat(uint64 round, address voter);
    error AlreadyVoted(uint64 round, address voter);
    error RoundTooLate(uint64 round, uint64 until);
    error NoDecision(uint64 round);
    error AlreadyDemanded(bytes32 request);
    error NotDemanded(bytes32 request);
    error DeadlinePassed(bytes32 request, uint64 deadline);
    error VersionKeepsNoBond(uint64 version);
    error RowDemandedBefore(uint64 version, uint32 row);
    error RowNotDemanded(uint64 version, uint32 row);
    error RowDeadlinePassed(uint64 version, uint32 row, uint64 deadline);
    error NotGovernor(address caller, address governor);
    error TreasuryTooSmall(uint256 amount, uint256 treasury);
}
