// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title L1 attributes on L2: what the first deposit of every block writes.
/// @notice Written from specs.optimism.io, "L1 attributes deposited transaction" (Jovian). The storage layout is the
///         OP Stack's, because clients read the fee parameters from these slots. The calldata is packed, not ABI:
///
///           0  selector 3db6be2b       28  number u64              132  batcherHash
///           4  baseFeeScalar u32       36  basefee u256            164  operatorFeeScalar u32
///           8  blobBaseFeeScalar u32   68  blobBaseFee u256        168  operatorFeeConstant u64
///          12  sequenceNumber u64     100  hash                    176  daFootprintGasScalar u16
///          20  timestamp u64
contract L1Block {
    event GasPayingTokenSet(address indexed token, uint8 indexed decimals, bytes32 name, bytes32 symbol);

    error NotDepositor();

    address public constant DEPOSITOR_ACCOUNT = 0xDeaDDEaDDeAdDeAdDEAdDEaddeAddEAdDEAd0001;
    /// @dev A short string left-aligned in a word, shorter than 32 bytes, ends at its first zero byte.
    bytes32 private constant GAS_PAYING_TOKEN_SLOT = bytes32(uint256(keccak256("opstack.gaspayingtoken")) - 1);
    bytes32 private constant NAME_SLOT = bytes32(uint256(keccak256("opstack.gaspayingtokenname")) - 1);
    bytes32 private constant SYMBOL_SLOT = bytes32(uint256(keccak256("opstack.gaspayingtokensymbol")) - 1);

    uint64 public number; // slot 0
    uint64 public timestamp;
    uint256 public basefee; // slot 1
    bytes32 public hash; // slot 2
    uint64 public sequenceNumber; // slot 3
    uint32 public blobBaseFeeScalar;
    uint32 public baseFeeScalar;
    bytes32 public batcherHash; // slot 4
    uint256 public l1FeeOverhead; // slot 5, before Ecotone
    uint256 public l1FeeScalar; // slot 6, before Ecotone
    uint256 public blobBaseFee; // slot 7
    uint64 public operatorFeeConstant; // slot 8
    uint32 public operatorFeeScalar;
    uint16 public daFootprintGasScalar;

    function version() external pure returns (string memory) {
        return "1.8.0+open";
    }

    /// @notice Called by the depositor once a block. Calldata shorter than 178 bytes reads as zeros, as in the EVM.
    function setL1BlockValuesJovian() external {
        if (msg.sender != DEPOSITOR_ACCOUNT) revert NotDepositor();
        assembly {
            // baseFeeScalar ‖ blobBaseFeeScalar ‖ sequenceNumber
            sstore(sequenceNumber.slot, shr(128, calldataload(4)))
            // timestamp ‖ number
            sstore(number.slot, shr(128, calldataload(20)))
            sstore(basefee.slot, calldataload(36))
            sstore(blobBaseFee.slot, calldataload(68))
            sstore(hash.slot, calldataload(100))
            sstore(batcherHash.slot, calldataload(132))
            // daFootprintGasScalar ‖ operatorFeeScalar ‖ operatorFeeConstant
            sstore(operatorFeeConstant.slot, or(shl(96, shr(240, calldataload(176))), shr(160, calldataload(164))))
        }
    }

    /// @notice Kept for the portal's `setGasPayingToken`; genesis presets these slots.
    function setGasPayingToken(address token, uint8 decimals, bytes32 name, bytes32 symbol) external {
        if (msg.sender != DEPOSITOR_ACCOUNT) revert NotDepositor();
        _store(GAS_PAYING_TOKEN_SLOT, bytes32((uint256(decimals) << 160) | uint160(token)));
        _store(NAME_SLOT, name);
        _store(SYMBOL_SLOT, symbol);
        emit GasPayingTokenSet(token, decimals, name, symbol);
    }

    function gasPayingToken() public view returns (address token, uint8 decimals) {
        uint256 word = uint256(_load(GAS_PAYING_TOKEN_SLOT));
        return (address(uint160(word)), uint8(word >> 160));
    }

    function gasPayingTokenName() external view returns (string memory) {
        return _shortString(_load(NAME_SLOT));
    }

    function gasPayingTokenSymbol() external view returns (string memory) {
        return _shortString(_load(SYMBOL_SLOT));
    }

    function isCustomGasToken() external pure returns (bool) {
        return true;
    }

    function _shortString(bytes32 word) private pure returns (string memory text) {
        uint256 length;
        while (length < 32 && word[length] != 0) length++;
        text = new string(length);
        assembly {
            if length { mstore(add(text, 32), word) }
        }
    }

    function _load(bytes32 slot) private view returns (bytes32 value) {
        assembly {
            value := sload(slot)
        }
    }

    function _store(bytes32 slot, bytes32 value) private {
        assembly {
            sstore(slot, value)
        }
    }
}
