// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";

/// @title The L1 configuration that L2 derivation follows.
/// @notice Written from specs.optimism.io, "System Config" up to Jovian. Every change is logged as ConfigUpdate, which
///         derivation reads. Portal 2.8.1 asks `resourceConfig` and `gasPayingToken`. The gas paying token is set once
///         and is already in L1Block at L2 genesis, so no L2 deposit announces it.
contract SystemConfig is Initializable {
    /// @dev Numbers are part of the log's format.
    enum UpdateType {
        BATCHER,
        FEE_SCALARS,
        GAS_LIMIT,
        UNSAFE_BLOCK_SIGNER,
        EIP_1559_PARAMS,
        OPERATOR_FEE_PARAMS,
        MIN_BASE_FEE,
        DA_FOOTPRINT_GAS_SCALAR
    }

    /// @dev The market for deposits' L2 gas, in the field order that the portal decodes.
    struct ResourceConfig {
        uint32 maxResourceLimit;
        uint8 elasticityMultiplier;
        uint8 baseFeeMaxChangeDenominator;
        uint32 minimumBaseFee;
        uint32 systemTxMaxGas;
        uint128 maximumBaseFee;
    }

    struct Roles {
        address owner;
        address batcher;
        address unsafeBlockSigner;
    }

    struct FeeConfig {
        uint32 basefeeScalar;
        uint32 blobbasefeeScalar;
        uint64 gasLimit;
        uint32 eip1559Denominator;
        uint32 eip1559Elasticity;
        uint32 operatorFeeScalar;
        uint64 operatorFeeConstant;
        uint64 minBaseFee;
        uint16 daFootprintGasScalar;
    }

    struct Addresses {
        address l1CrossDomainMessenger;
        address l1StandardBridge;
        address optimismPortal;
        address optimismMintableERC20Factory;
        address batchInbox;
        address gasPayingToken;
    }

    event ConfigUpdate(uint256 indexed version, UpdateType indexed updateType, bytes data);
    event OwnershipTransferred(address indexed previousOwner, address indexed newOwner);

    error NotOwner(address caller, address owner);
    error InvalidField(string field, string reason);

    /// @notice Version of the log's format.
    uint256 public constant VERSION = 0;
    uint64 private constant MAX_GAS_LIMIT = 500_000_000;
    uint8 private constant OPEN_DECIMALS = 18;
    /// @dev Derivation clients prove this slot, so the specification fixes it.
    bytes32 public constant UNSAFE_BLOCK_SIGNER_SLOT = keccak256("systemconfig.unsafeblocksigner");

    address public owner;
    bytes32 public batcherHash;
    /// @notice Version byte 1, blobbasefeeScalar in bits 32..63, basefeeScalar in bits 0..31.
    uint256 public scalar;
    uint64 public gasLimit;
    uint32 public eip1559Denominator;
    uint32 public eip1559Elasticity;
    uint32 public operatorFeeScalar;
    uint64 public operatorFeeConstant;
    uint64 public minBaseFee;
    uint16 public daFootprintGasScalar;
    uint256 public startBlock;
    Addresses private _addresses;
    ResourceConfig private _resourceConfig;

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotOwner(msg.sender, owner);
        _;
    }

    constructor() {
        _disableInitializers();
    }

    function initialize(
        Roles calldata roles,
        FeeConfig calldata fees,
        ResourceConfig calldata resources,
        Addresses calldata addresses
    ) external initializer {
        _transferOwnership(roles.owner);
        _addresses = addresses;
        if (IERC20Metadata(addresses.gasPayingToken).decimals() != OPEN_DECIMALS) {
            revert InvalidField("gasPayingToken", "must have 18 decimals");
        }
        startBlock = block.number;
        _setResourceConfig(resources);
        _setBatcherHash(bytes32(uint256(uint160(roles.batcher))));
        _setFeeScalars(fees.basefeeScalar, fees.blobbasefeeScalar);
        _setGasLimit(fees.gasLimit);
        _setUnsafeBlockSigner(roles.unsafeBlockSigner);
        _setEIP1559Params(fees.eip1559Denominator, fees.eip1559Elasticity);
        _setOperatorFeeScalars(fees.operatorFeeScalar, fees.operatorFeeConstant);
        _setMinBaseFee(fees.minBaseFee);
        _setDAFootprintGasScalar(fees.daFootprintGasScalar);
    }

    // ---- updates ----

    function setBatcherHash(bytes32 value) external onlyOwner {
        _setBatcherHash(value);
    }

    function setGasConfigEcotone(uint32 newBasefeeScalar, uint32 newBlobbasefeeScalar) external onlyOwner {
        _setFeeScalars(newBasefeeScalar, newBlobbasefeeScalar);
    }

    function setGasLimit(uint64 value) external onlyOwner {
        _setGasLimit(value);
    }

    function setUnsafeBlockSigner(address value) external onlyOwner {
        _setUnsafeBlockSigner(value);
    }

    function setEIP1559Params(uint32 denominator, uint32 elasticity) external onlyOwner {
        _setEIP1559Params(denominator, elasticity);
    }

    function setOperatorFeeScalars(uint32 newScalar, uint64 newConstant) external onlyOwner {
        _setOperatorFeeScalars(newScalar, newConstant);
    }

    function setMinBaseFee(uint64 value) external onlyOwner {
        _setMinBaseFee(value);
    }

    function setDAFootprintGasScalar(uint16 value) external onlyOwner {
        _setDAFootprintGasScalar(value);
    }

    function transferOwnership(address newOwner) external onlyOwner {
        _transferOwnership(newOwner);
    }

    // ---- reads ----

    function version() external pure returns (string memory) {
        return "3.11.0+open";
    }

    function basefeeScalar() external view returns (uint32) {
        return uint32(scalar);
    }

    function blobbasefeeScalar() external view returns (uint32) {
        return uint32(scalar >> 32);
    }

    function overhead() external pure returns (uint256) {
        return 0;
    }

    function unsafeBlockSigner() public view returns (address value) {
        bytes32 slot = UNSAFE_BLOCK_SIGNER_SLOT;
        assembly {
            value := sload(slot)
        }
    }

    /// @notice Least gas limit that leaves room for a block's deposits.
    function minimumGasLimit() public view returns (uint64) {
        return uint64(_resourceConfig.maxResourceLimit) + uint64(_resourceConfig.systemTxMaxGas);
    }

    function maximumGasLimit() external pure returns (uint64) {
        return MAX_GAS_LIMIT;
    }

    function resourceConfig() external view returns (ResourceConfig memory) {
        return _resourceConfig;
    }

    function gasPayingToken() external view returns (address token, uint8 decimals) {
        return (_addresses.gasPayingToken, OPEN_DECIMALS);
    }

    function gasPayingTokenName() external view returns (string memory) {
        return IERC20Metadata(_addresses.gasPayingToken).name();
    }

    function gasPayingTokenSymbol() external view returns (string memory) {
        return IERC20Metadata(_addresses.gasPayingToken).symbol();
    }

    function isCustomGasToken() external pure returns (bool) {
        return true;
    }

    function batchInbox() external view returns (address) {
        return _addresses.batchInbox;
    }

    function optimismPortal() external view returns (address) {
        return _addresses.optimismPortal;
    }

    function l1CrossDomainMessenger() external view returns (address) {
        return _addresses.l1CrossDomainMessenger;
    }

    function l1StandardBridge() external view returns (address) {
        return _addresses.l1StandardBridge;
    }

    function optimismMintableERC20Factory() external view returns (address) {
        return _addresses.optimismMintableERC20Factory;
    }

    // ---- rules ----

    function _transferOwnership(address newOwner) private {
        if (newOwner == address(0)) revert InvalidField("owner", "must not be the zero address");
        emit OwnershipTransferred(owner, newOwner);
        owner = newOwner;
    }

    function _setBatcherHash(bytes32 value) private {
        batcherHash = value;
        emit ConfigUpdate(VERSION, UpdateType.BATCHER, abi.encode(value));
    }

    function _setFeeScalars(uint32 newBasefeeScalar, uint32 newBlobbasefeeScalar) private {
        scalar = (uint256(1) << 248) | (uint256(newBlobbasefeeScalar) << 32) | newBasefeeScalar;
        emit ConfigUpdate(VERSION, UpdateType.FEE_SCALARS, abi.encode(uint256(0), scalar));
    }

    function _setGasLimit(uint64 value) private {
        if (value < minimumGasLimit()) revert InvalidField("gasLimit", "leaves no room for deposits");
        if (value > MAX_GAS_LIMIT) revert InvalidField("gasLimit", "above the maximum");
        gasLimit = value;
        emit ConfigUpdate(VERSION, UpdateType.GAS_LIMIT, abi.encode(value));
    }

    function _setUnsafeBlockSigner(address value) private {
        bytes32 slot = UNSAFE_BLOCK_SIGNER_SLOT;
        assembly {
            sstore(slot, value)
        }
        emit ConfigUpdate(VERSION, UpdateType.UNSAFE_BLOCK_SIGNER, abi.encode(value));
    }

    function _setEIP1559Params(uint32 denominator, uint32 elasticity) private {
        if (denominator == 0) revert InvalidField("eip1559Denominator", "must be at least 1");
        if (elasticity == 0) revert InvalidField("eip1559Elasticity", "must be at least 1");
        eip1559Denominator = denominator;
        eip1559Elasticity = elasticity;
        uint256 packed = (uint256(denominator) << 32) | elasticity;
        emit ConfigUpdate(VERSION, UpdateType.EIP_1559_PARAMS, abi.encode(packed));
    }

    function _setOperatorFeeScalars(uint32 newScalar, uint64 newConstant) private {
        operatorFeeScalar = newScalar;
        operatorFeeConstant = newConstant;
        uint256 packed = (uint256(newScalar) << 64) | newConstant;
        emit ConfigUpdate(VERSION, UpdateType.OPERATOR_FEE_PARAMS, abi.encode(packed));
    }

    function _setMinBaseFee(uint64 value) private {
        minBaseFee = value;
        emit ConfigUpdate(VERSION, UpdateType.MIN_BASE_FEE, abi.encode(value));
    }

    function _setDAFootprintGasScalar(uint16 value) private {
        daFootprintGasScalar = value;
        emit ConfigUpdate(VERSION, UpdateType.DA_FOOTPRINT_GAS_SCALAR, abi.encode(value));
    }

    function _setResourceConfig(ResourceConfig calldata config) private {
        if (config.minimumBaseFee > config.maximumBaseFee) {
            revert InvalidField("minimumBaseFee", "above maximumBaseFee");
        }
        if (config.baseFeeMaxChangeDenominator < 2) {
            revert InvalidField("baseFeeMaxChangeDenominator", "must be at least 2");
        }
        if (config.elasticityMultiplier == 0) revert InvalidField("elasticityMultiplier", "must be at least 1");
        if (config.maxResourceLimit % config.elasticityMultiplier != 0) {
            revert InvalidField("maxResourceLimit", "must be a multiple of elasticityMultiplier");
        }
        _resourceConfig = config;
    }
}
