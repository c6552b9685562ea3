// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// @title Models (native contract 02): base models, models, training runs, versions and their attestation.
/// @notice A native contract: no Solidity lies behind it, the node executes it (docs/protocol.md). It answers at
///         0x4f50454E00000000000000000000000000000002, by CALL and STATICCALL only; DELEGATECALL meets code 0xfe.
///         Kept equal to genesis/abi/models.ts by a test.
interface IModels {
    struct Base {
        address registrant;
        bytes32 weightsHash;
        bytes32 tokenizerHash;
        string architecture;
        string uri;
    }

    struct Model {
        address owner;
        uint64 base;
        uint64[] datanets;
        uint128 pricePer1kIn;
        uint128 pricePer1kOut;
        string name;
    }

    struct Run {
        uint64 model;
        bytes32 manifestRoot;
        bytes32 hyperparametersHash;
        uint64 seed;
        uint64[] datanets;
        uint16[] weightsBps;
        uint64 openedAt;
    }

    struct Publication {
        uint64 run;
        bytes32 adapterHash;
        bytes32 curvatureHash;
        bytes32 featureRoot;
        bytes32 artifactHash;
        uint32 rows;
        uint32 dims;
        uint16 medianScale;
    }

    struct Version {
        uint64 model;
        uint64 run;
        address publisher;
        bytes32 adapterHash;
        bytes32 curvatureHash;
        bytes32 featureRoot;
        bytes32 artifactHash;
        uint32 rows;
        uint32 dims;
        uint16 medianScale;
        uint64 publishedAt;
        uint64 liveAt;
        uint128 attestedStake;
        uint16 qualityBps;
        bool measured;
    }

    struct Prices {
        uint128 pricePer1kIn;
        uint128 pricePer1kOut;
        uint128 nextPer1kIn;
        uint128 nextPer1kOut;
        uint64 from;
    }

    struct Standing {
        uint64 failedAt;
        uint64 retiredAt;
        uint64 bondAt;
        uint128 bond;
        uint256 holds;
    }

    struct QualityDraw {
        bytes32 seed;
        uint64 l1Number;
        uint64 drawnAt;
    }

    struct QualityRecord {
        uint64 record;
        uint16 qualityBps;
        bytes32 recordHash;
        uint16 runs;
        uint64 recordedAt;
        uint64 acceptedAt;
        uint128 attestedStake;
    }

    struct Step {
        uint32 step;
        uint64 lossMicro;
        bytes32 checkpointHash;
        uint64 recordedAt;
    }

    function registerBase(
        bytes32 weightsHash,
        string calldata architecture,
        bytes32 tokenizerHash,
        string calldata uri
    ) external returns (uint64 base);
    function createModel(
        uint64 base,
        uint64[] calldata datanets,
        uint128 pricePer1kIn,
        uint128 pricePer1kOut,
        string calldata name
    ) external returns (uint64 model);
    function openRun(
        uint64 model,
        bytes32 manifestRoot,
        bytes32 hyperparametersHash,
        uint64 seed,
        uint64[] calldata datanets,
        uint16[] calldata weightsBps
    ) external returns (uint64 run);
    function openRunOn(
        uint64 parent,
        uint64 model,
        bytes32 manifestRoot,
        bytes32 hyperparametersHash,
        uint64 seed,
        uint64[] calldata datanets,
        uint16[] calldata weightsBps
    ) external returns (uint64 run);
    function recordStep(uint64 run, uint32 step, uint64 lossMicro, bytes32 checkpointHash) external;
    function publishVersion(Publication calldata publication) external payable returns (uint64 version);
    function attest(uint64 version) external;
    function setPrices(
        uint64 model,
        uint128 pricePer1kIn,
        uint128 pricePer1kOut
    ) external returns (uint64 from);
    function flagUnreplayable(uint64 run) external;
    function drawQuality(uint64 version) external;
    function recordQuality(
        uint64 version,
        uint16 qualityBps,
        bytes32 recordHash,
        uint64[] calldata runs
    ) external returns (uint64 record);
    function attestQuality(uint64 version, uint64 record) external;
    function retireVersion(uint64 version) external;
    function reclaimVersionBond(uint64 version) external;
    function transferModel(uint64 model, address from, address to) external;
    function setRoyalty(uint64 model, uint16 royaltyBps) external;

    function getBase(uint64 base) external view returns (Base memory);
    function getModel(uint64 model) external view returns (Model memory);
    function getRun(uint64 run) external view returns (Run memory);
    function lineageOf(uint64 run) external view returns (uint64 parent, uint64[] memory ancestors);
    function stepCount(uint64 run) external view returns (uint32);
    function stepAt(uint64 run, uint32 index) external view returns (Step memory);
    function lastStep(uint64 run) external view returns (Step memory);
    function getVersion(uint64 version) external view returns (Version memory);
    function isLive(uint64 version) external view returns (bool);
    function stepsAtPublication(uint64 version) external view returns (uint32);
    function pricesOf(uint64 model) external view returns (Prices memory);
    function isUnreplayable(uint64 run) external view returns (bool);
    function qualitySeed(uint64 version) external view returns (QualityDraw memory);
    function qualityOf(uint64 version) external view returns (QualityRecord memory);
    function standingOf(uint64 version) external view returns (Standing memory);
    function hasAttested(uint64 version, address validator) external view returns (bool);
    function baseCount() external view returns (uint64);
    function modelCount() external view returns (uint64);
    function modelCountOf(address owner) external view returns (uint64);
    function royaltyOf(uint64 model) external view returns (address creator, uint16 royaltyBps, bool chosen);
    function runCount() external view returns (uint64);
    function versionCount() external view returns (uint64);

    event BaseRegistered(uint64 indexed base, address indexed registrant, bytes32 weightsHash, string architecture);
    event ModelCreated(uint64 indexed model, address indexed owner, uint64 indexed base, string name);
    event ModelTransferred(uint64 indexed model, address indexed from, address indexed to);
    event RoyaltySet(uint64 indexed model, address indexed creator, uint16 royaltyBps);
    event RunOpened(
        uint64 indexed run,
        uint64 indexed model,
        bytes32 manifestRoot,
        bytes32 hyperparametersHash,
        uint64 seed
    );
    event RunDescends(uint64 indexed run, uint64 indexed parent);
    event StepRecorded(uint64 indexed run, uint32 indexed step, uint64 lossMicro, bytes32 checkpointHash);
    event VersionPublished(
        uint64 indexed version,
        uint64 indexed model,
        uint64 indexed run,
        bytes32 featureRoot,
        bytes32 artifactHash,
        uint32 rows,
        uint32 dims
    );
    event Attested(
        uint64 indexed version,
        address indexed validator,
        uint128 stake,
        uint128 attestedStake,
        uint128 totalStake
    );
    event VersionLive(uint64 indexed version, uint64 liveAt);
    event PricesAnnounced(uint64 indexed model, uint128 pricePer1kIn, uint128 pricePer1kOut, uint64 from);
    event RunFlagged(uint64 indexed run);
    event QualityDrawNamed(uint64 indexed version, uint64 l1Number);
    event QualityDrawn(uint64 indexed version, uint64 l1Number, bytes32 seed);
    event QualityRecorded(
        uint64 indexed version,
        uint64 indexed record,
        uint16 qualityBps,
        bytes32 recordHash,
        uint64[] runs
    );
    event QualityAttested(
        uint64 indexed version,
        uint64 indexed record,
        address indexed validator,
        uint128 stake,
        uint128 attestedStake,
        uint128 totalStake
    );
    event QualityAccepted(uint64 indexed version, uint64 indexed record, uint16 qualityBps);
    event VersionRetired(uint64 indexed version, uint64 bondAt);
    event VersionBondReturned(uint64 indexed version, address indexed publisher, uint128 amount);
    event VersionFailed(uint64 indexed version, address indexed reporter, uint128 slashed, uint128 reward);

    error UnknownBase(uint64 base);
    error UnknownModel(uint64 model);
    error UnknownRun(uint64 run);
    error UnknownStep(uint64 run, uint32 index);
    error UnknownVersion(uint64 version);
    error UnknownDatanet(uint64 datanet);
    error InvalidField(string field, string reason);
    error NotModelOwner(address caller, address owner);
    error NotModelToken(address caller);
    error NotCreator(address caller, address creator);
    error RoyaltyAlreadySet(uint64 model, uint16 royaltyBps);
    error StepNotLater(uint64 run, uint32 step, uint32 lastStep);
    error DatanetNotOfModel(uint64 datanet, uint64 model);
    error BondTooSmall(uint128 required, uint256 sent);
    error NotValidator(address caller);
    error AlreadyAttested(uint64 version, address validator);
    error VersionNotLive(uint64 version);
    error LicenceMissing(uint64 datanet, uint64 model);
    error LicenceExpired(uint64 datanet, uint64 model, uint64 expiresAt);
    error LicenceForbids(uint64 datanet, string term);
    error RowsNotLicensed(uint32 rows, uint256 licensed);
    error NotPublisher(address caller, address publisher);
    error VersionHasFailed(uint64 version, uint64 failedAt);
    error VersionHasRetired(uint64 version, uint64 retiredAt);
    error NotRetired(uint64 version);
    error NothingToWithdraw(uint64 version);
    error VersionHeld(uint64 version, uint256 holds);
    error TooEarly(uint64 until);
    error AttestationClosed(uint64 version, uint64 closedAt);
    error AlreadyFlagged(uint64 run);
    error AlreadyDrawn(uint64 version);
    error DrawNotYet(uint64 version, uint64 l1Number);
    error NotDrawn(uint64 version);
    error NotRetraining(uint64 run, string reason);
    error UnknownQualityRecord(uint64 version, uint64 record);
}
