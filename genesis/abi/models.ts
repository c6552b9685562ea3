import { parseAbi } from 'viem'

/** Models (native contract 02): base models, models, training runs, versions. docs/protocol.md, "Models". */
export const modelsAbi = parseAbi([
  'struct Base { address registrant; bytes32 weightsHash; bytes32 tokenizerHash; string architecture; string uri; }',
  'struct Model { address owner; uint64 base; uint64[] datanets; uint128 pricePer1kIn; uint128 pricePer1kOut; string name; }',
  'struct Run { uint64 model; bytes32 manifestRoot; bytes32 hyperparametersHash; uint64 seed; uint64[] datanets; uint16[] weightsBps; uint64 openedAt; }',
  'struct Publication { uint64 run; bytes32 adapterHash; bytes32 curvatureHash; bytes32 featureRoot; bytes32 artifactHash; uint32 rows; uint32 dims; uint16 medianScale; }',
  'struct Version { uint64 model; uint64 run; address publisher; bytes32 adapterHash; bytes32 curvatureHash; bytes32 featureRoot; bytes32 artifactHash; uint32 rows; uint32 dims; uint16 medianScale; uint64 publishedAt; uint64 liveAt; uint128 attestedStake; uint16 qualityBps; bool measured; }',

  'function registerBase(bytes32 weightsHash, string architecture, bytes32 tokenizerHash, string uri) returns (uint64 base)',
  'function createModel(uint64 base, uint64[] datanets, uint128 pricePer1kIn, uint128 pricePer1kOut, string name) returns (uint64 model)',
  'function openRun(uint64 model, bytes32 manifestRoot, bytes32 hyperparametersHash, uint64 seed, uint64[] datanets, uint16[] weightsBps) returns (uint64 run)',
  'function publishVersion(Publication publication) payable returns (uint64 version)',
  'function attest(uint64 version)',

  'function getBase(uint64 base) view returns (Base)',
  'function getModel(uint64 model) view returns (Model)',
  'function getRun(uint64 run) view returns (Run)',
  'function getVersion(uint64 version) view returns (Version)',
  'function isLive(uint64 version) view returns (bool)',
  'function hasAttested(uint64 version, address validator) view returns (bool)',
  'function baseCount() view returns (uint64)',
  'function modelCount() view returns (uint64)',
  'function runCount() view returns (uint64)',
  'function versionCount() view returns (uint64)',

  'event BaseRegistered(uint64 indexed base, address indexed registrant, bytes32 weightsHash, string architecture)',
  'event ModelCreated(uint64 indexed model, address indexed owner, uint64 indexed base, string name)',
  'event RunOpened(uint64 indexed run, uint64 indexed model, bytes32 manifestRoot, bytes32 hyperparametersHash, uint64 seed)',
  'event VersionPublished(uint64 indexed version, uint64 indexed model, uint64 indexed run, bytes32 featureRoot, bytes32 artifactHash, uint32 rows, uint32 dims)',
  'event Attested(uint64 indexed version, address indexed validator, uint128 stake, uint128 attestedStake, uint128 totalStake)',
  'event VersionLive(uint64 indexed version, uint64 liveAt)',

  'error UnknownBase(uint64 base)',
  'error UnknownModel(uint64 model)',
  'error UnknownRun(uint64 run)',
  'error UnknownVersion(uint64 version)',
  'error UnknownDatanet(uint64 datanet)',
  'error InvalidField(string field, string reason)',
  'error NotModelOwner(address caller, address owner)',
  'error DatanetNotOfModel(uint64 datanet, uint64 model)',
  'error BondTooSmall(uint128 required, uint256 sent)',
  'error NotValidator(address caller)',
  'error AlreadyAttested(uint64 version, address validator)',
])
