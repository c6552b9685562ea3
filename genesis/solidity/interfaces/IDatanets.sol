// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// @title Datanets (native contract 01): domain networks, contributions, clusters of near-duplicates.
/// @notice A native contract: no Solidity lies behind it, the node executes it (docs/protocol.md). It answers at
///         0x4F50454E00000000000000000000000000000001, by CALL and STATICCALL only; DELEGATECALL meets code 0xfe.
///         Kept equal to genesis/abi/datanets.ts by a test.
interface IDatanets {
    struct Licence {
        uint128 feePerRow;
        uint16 revenueShareBps;
        bool commercialUse;
        uint64 expiry;
        bool attributionDuty;
    }

    struct DatanetConfig {
        string name;
        string domain;
        uint8 policy;
        address[] curators;
        uint16 quorum;
        Licence licence;
        uint128 bond;
        string uri;
    }

    struct Datanet {
        address owner;
        string name;
        string domain;
        uint8 policy;
        uint16 quorum;
        Licence licence;
        uint128 bond;
        string uri;
        uint64 contributions;
        uint64 clusters;
        uint256 totalShares;
    }

    struct Contribution {
        uint64 datanet;
        uint64 cluster;
        address contributor;
        uint8 status;
        uint64 blockNumber;
        uint64 committedAt;
        uint32 size;
        bytes32 contentHash;
        string cid;
    }

    struct Cluster {
        uint64 datanet;
        uint64 founder;
        uint64 members;
        address payee;
        bool withdrawn;
    }

    struct BoughtLicence {
        uint64 rows;
        uint64 expiresAt;
        uint16 revenueShareBps;
        bool commercialUse;
    }

    struct Review {
        uint128 bond;
        uint16 accepts;
        uint16 rejects;
        uint64 endsAt;
    }

    function create(DatanetConfig calldata config) external returns (uint64 datanet);
    function commit(bytes32 commitment) external payable;
    function contribute(
        uint64 datanet,
        bytes32 contentHash,
        string calldata cid,
        uint32 size,
        uint32[32] calldata minhash,
        bytes32 salt
    ) external returns (uint64 contribution, uint64 cluster);
    function contributeContent(
        uint64 datanet,
        bytes calldata content,
        string calldata cid,
        bytes32 salt
    ) external returns (uint64 contribution, uint64 cluster);
    function withdraw(uint64 contribution) external;
    function reclaimBond(address owner, bytes32 commitment) external;
    function setCurators(uint64 datanet, address[] calldata curators, uint16 quorum) external;
    function admitContributor(uint64 datanet, address contributor, bool admitted) external;
    function review(uint64 contribution, bool accept) external;
    function newVersion(
        uint64 previous,
        bytes calldata content,
        string calldata cid,
        bytes32 salt
    ) external returns (uint64 contribution, uint64 cluster);
    function contributeChunked(
        uint64 datanet,
        bytes32 root,
        string calldata cid,
        uint32 size,
        uint32[32] calldata minhash,
        bytes32 salt
    ) external returns (uint64 contribution, uint64 cluster);
    function showChunk(
        uint64 contribution,
        uint32 index,
        bytes calldata chunk,
        uint32[32] calldata minhash,
        bytes32[] calldata proof
    ) external;
    function appealCluster(
        uint64 contribution,
        bytes calldata content,
        bytes calldata founderContent
    ) external returns (uint64 cluster);
    function buyLicence(uint64 datanet, uint64 model, uint64 rows) external payable;
    function setWeight(uint64 datanet, uint16 weightBps) external;
    function releaseShares(uint64 cluster) external;
    function transferShares(uint64 datanet, address from, address to, uint256 amount)
        external
        returns (uint256 repaid);

    function getDatanet(uint64 datanet) external view returns (Datanet memory);
    function getContribution(uint64 contribution) external view returns (Contribution memory);
    function getCluster(uint64 cluster) external view returns (Cluster memory);
    function getMinhash(uint64 contribution) external view returns (uint32[32] memory);
    function datanetCount() external view returns (uint64);
    function contributionCount() external view returns (uint64);
    function clusterCount() external view returns (uint64);
    function commitmentOf(address owner, bytes32 commitment) external view returns (uint64 committedAt, uint128 bond);
    function curatorsOf(uint64 datanet) external view returns (address[] memory curators);
    function isAdmitted(uint64 datanet, address contributor) external view returns (bool);
    function reviewOf(uint64 contribution) external view returns (Review memory);
    function versionsOf(uint64 contribution) external view returns (uint64 previous, uint64 next);
    function chunksOf(uint64 contribution) external view returns (uint32 chunks, uint32 shown);
    function licenceOf(uint64 datanet, uint64 model) external view returns (BoughtLicence memory);
    function canonicalCluster(uint64 cluster) external view returns (uint64 canonical);
    function sharesOf(uint64 datanet, address holder) external view returns (uint256 shares, uint256 totalShares);
    function weightOf(uint64 datanet) external view returns (uint16 weightBps);
    function shareAccountOf(uint64 datanet, address holder)
        external
        view
        returns (uint256 shares, uint256 bound, uint256 debt);
    function releaseOf(uint64 cluster) external view returns (bool released, uint64 releasableAt);
    function shareTokenOf(uint64 datanet) external view returns (address token);

    event DatanetCreated(uint64 indexed datanet, address indexed owner, string name, string domain);
    event Committed(bytes32 indexed commitment, address indexed owner, uint128 bond);
    event Contributed(
        uint64 indexed datanet,
        uint64 indexed contribution,
        address indexed contributor,
        uint64 cluster,
        bool founder,
        bytes32 contentHash,
        uint32 size,
        string cid
    );
    event ContentSeen(uint64 indexed contribution, bytes32 indexed contentHash);
    event Withdrawn(uint64 indexed contribution);
    event BondReturned(bytes32 indexed commitment, address indexed owner, uint128 bond);
    event CuratorsSet(uint64 indexed datanet, address[] curators, uint16 quorum);
    event ContributorAdmitted(uint64 indexed datanet, address indexed contributor, bool admitted);
    event Proposed(
        uint64 indexed datanet,
        uint64 indexed contribution,
        address indexed contributor,
        bytes32 contentHash,
        uint32 size,
        string cid,
        uint128 bond,
        uint64 endsAt
    );
    event Reviewed(uint64 indexed contribution, address indexed curator, bool accept);
    event Rejected(uint64 indexed contribution, uint128 bondLost);
    event NewVersion(uint64 indexed previous, uint64 indexed contribution);
    event BondKept(uint64 indexed contribution, uint128 bond);
    event KeptBondReturned(uint64 indexed contribution, address indexed contributor, uint128 bond);
    event ChunkShown(uint64 indexed contribution, uint32 indexed index, bytes32 chunkHash, bool complete);
    event Refuted(uint64 indexed contribution, address indexed shownBy, string fault, uint128 reward);
    event ClusterAppealed(
        uint64 indexed contribution,
        uint64 indexed left,
        uint64 indexed founded,
        uint16 similarityBps
    );
    event ClustersMerged(uint64 indexed kept, uint64 indexed merged, uint64 founder, address payee);
    event SharesTransferred(uint64 indexed datanet, address indexed from, address indexed to, uint256 amount);
    event SharesReleased(
        uint64 indexed cluster,
        uint64 indexed contribution,
        address indexed payee,
        uint256 units
    );
    event ShareDebtChanged(uint64 indexed datanet, address indexed holder, uint256 debt);
    event WeightSet(uint64 indexed datanet, uint16 oldWeightBps, uint16 newWeightBps);
    event LicenceBought(
        uint64 indexed datanet,
        uint64 indexed model,
        address indexed buyer,
        uint64 rows,
        uint64 expiresAt,
        uint128 paid
    );

    error UnknownDatanet(uint64 datanet);
    error UnknownContribution(uint64 contribution);
    error UnknownCluster(uint64 cluster);
    error UnknownCommitment(bytes32 commitment);
    error InvalidField(string field, string reason);
    error CommitmentTaken(bytes32 commitment);
    error CommitmentExpired(bytes32 commitment, uint64 expiredAt);
    error CommitmentStillOpen(bytes32 commitment, uint64 expiresAt);
    error BondTooSmall(uint128 required, uint256 sent);
    error ContentTooLarge(uint256 size, uint256 limit);
    error DuplicateContent(bytes32 contentHash, uint64 contribution);
    error NotContributor(address caller, address contributor);
    error AlreadyWithdrawn(uint64 contribution);
    error UnknownModel(uint64 model);
    error NotDatanetOwner(address caller, address owner);
    error NotAdmitted(address contributor);
    error NotCurator(address caller);
    error CuratorNotStaked(address caller);
    error NotProposed(uint64 contribution, uint8 status);
    error NotAccepted(uint64 contribution, uint8 status);
    error AlreadyReviewed(uint64 contribution, address curator);
    error ReviewOpen(uint64 contribution, uint64 endsAt);
    error AlreadySuperseded(uint64 contribution, uint64 next);
    error NotChunked(uint64 contribution);
    error ChunkAlreadyShown(uint64 contribution, uint32 index);
    error FoundsItsCluster(uint64 contribution, uint64 cluster);
    error AppealFails(uint16 similarityBps, uint16 limitBps);
    error LicenceForbids(uint64 datanet, string term);
    error WrongPayment(uint256 required, uint256 sent);
    error NotGovernor(address caller, address governor);
    error NotPayee(address caller, address payee);
    error AlreadyReleased(uint64 cluster);
    error ReleaseTooEarly(uint64 cluster, uint64 releasableAt);
    error NotShareToken(address caller, address token);
    error SharesBound(uint64 datanet, address holder, uint256 amount, uint256 free);
    error SharesMissing(uint64 datanet, address holder, uint256 required, uint256 free);
}
