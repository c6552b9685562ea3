// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {L1Block} from "./L1Block.sol";

/// @title What a transaction pays besides L2 gas, for wallets to ask.
/// @notice Written from specs.optimism.io, "L1 fees" (Fjord) and "Operator fee" (Isthmus, Jovian). Every fork to
///         Jovian is active from block 0. Amounts are wei of OPEN: L1's ETH prices carry the OPEN/ETH rate in their
///         scalars. Consensus computes these fees itself (node/execution); this contract only tells them.
contract GasPriceOracle {
    L1Block private constant L1_BLOCK = L1Block(0x4200000000000000000000000000000000000015);

    /// @dev Fjord's linear model of the compressed size in millionths of a byte: intercept + coefficient · FastLZ size.
    int256 private constant COST_INTERCEPT = -42_585_600;
    int256 private constant COST_FASTLZ_COEFFICIENT = 836_500;
    int256 private constant MIN_TRANSACTION_SIZE = 100e6;
    /// @dev Callers hand in unsigned bytes; a signature adds this many.
    uint256 private constant SIGNATURE_BYTES = 68;

    uint256 public constant DECIMALS = 6;
    bool public constant isEcotone = true;
    bool public constant isFjord = true;
    bool public constant isIsthmus = true;
    bool public constant isJovian = true;

    function version() external pure returns (string memory) {
        return "1.6.0+open";
    }

    function decimals() external pure returns (uint256) {
        return DECIMALS;
    }

    function gasPrice() external view returns (uint256) {
        return block.basefee;
    }

    function baseFee() external view returns (uint256) {
        return block.basefee;
    }

    function l1BaseFee() public view returns (uint256) {
        return L1_BLOCK.basefee();
    }

    function blobBaseFee() public view returns (uint256) {
        return L1_BLOCK.blobBaseFee();
    }

    function baseFeeScalar() public view returns (uint32) {
        return L1_BLOCK.baseFeeScalar();
    }

    function blobBaseFeeScalar() public view returns (uint32) {
        return L1_BLOCK.blobBaseFeeScalar();
    }

    /// @notice L1 data fee of an unsigned transaction's bytes.
    function getL1Fee(bytes calldata data) external view returns (uint256) {
        return _l1Cost(fastLzSize(data) + SIGNATURE_BYTES);
    }

    /// @notice L1 data fee that transactions of this unsigned size stay under, but for rare incompressible ones.
    function getL1FeeUpperBound(uint256 unsignedTxSize) external view returns (uint256) {
        uint256 size = unsignedTxSize + SIGNATURE_BYTES;
        return _l1Cost(size + size / 255 + 16);
    }

    /// @notice L1 gas that the estimated compressed size would use at 16 gas a byte.
    function getL1GasUsed(bytes calldata data) external pure returns (uint256) {
        return (_estimatedSize(fastLzSize(data) + SIGNATURE_BYTES) * 16) / 1e6;
    }

    /// @notice Operator fee of a transaction that uses this much L2 gas (Jovian: scalar counts hundreds of wei a gas).
    function getOperatorFee(uint256 gasUsed) external view returns (uint256) {
        return gasUsed * L1_BLOCK.operatorFeeScalar() * 100 + L1_BLOCK.operatorFeeConstant();
    }

    function _l1Cost(uint256 compressed) private view returns (uint256) {
        uint256 price = uint256(baseFeeScalar()) * 16 * l1BaseFee() + uint256(blobBaseFeeScalar()) * blobBaseFee();
        return (_estimatedSize(compressed) * price) / 1e12;
    }

    function _estimatedSize(uint256 compressed) private pure returns (uint256) {
        int256 size = COST_INTERCEPT + COST_FASTLZ_COEFFICIENT * int256(compressed);
        return uint256(size < MIN_TRANSACTION_SIZE ? MIN_TRANSACTION_SIZE : size);
    }

    /// @notice Bytes that FastLZ level 1 makes of the data, without making them (Fjord: "FastLZ implementation").
    /// @dev A match is looked up by a hash of three bytes in a table of 8,192 last positions (u32, packed). The
    ///      last 13 bytes start no match, and a match ends at least 4 bytes before the end.
    function fastLzSize(bytes calldata data) public pure returns (uint256 size) {
        assembly {
            let end := data.length
            let limit := 0
            if gt(end, 13) { limit := sub(end, 13) }

            // A fresh table of zeros: memory past the free pointer may be dirty.
            let table := mload(0x40)
            mstore(0x40, add(table, 32768))
            calldatacopy(table, calldatasize(), 32768)

            function word24(start, at) -> value {
                let three := shr(232, calldataload(add(start, at)))
                // Little endian: first byte lowest.
                value := or(or(shr(16, three), and(three, 0xff00)), shl(16, and(three, 0xff)))
            }
            function place(base, value) -> entry {
                entry := add(base, shl(2, and(shr(19, and(mul(2654435769, value), 0xffffffff)), 0x1fff)))
            }
            function remember(entry, at) {
                mstore(entry, or(shl(224, at), and(mload(entry), sub(shl(224, 1), 1))))
            }
            function literals(count) -> cost {
                cost := mul(33, shr(5, count))
                let rest := and(count, 31)
                if rest { cost := add(cost, add(rest, 1)) }
            }

            let anchor := 0
            let at := 2
            for {} lt(at, limit) {} {
                let ref := 0
                // Look for the next position whose three bytes were seen within 8,191 bytes.
                for {} 1 {} {
                    let value := word24(data.offset, at)
                    let entry := place(table, value)
                    ref := shr(224, mload(entry))
                    remember(entry, at)
                    let distance := sub(at, ref)
                    if iszero(lt(at, limit)) { break }
                    at := add(at, 1)
                    if and(lt(distance, 0x2000), eq(value, word24(data.offset, ref))) { break }
                }
                if iszero(lt(at, limit)) { break }
                at := sub(at, 1)
                if gt(at, anchor) { size := add(size, literals(sub(at, anchor))) }

                // Length past the first three bytes, counting the byte that differs.
                let length := 0
                let room := sub(add(limit, 9), add(at, 3))
                for {} lt(length, room) {} {
                    let left := byte(0, calldataload(add(data.offset, add(add(ref, 3), length))))
                    let right := byte(0, calldataload(add(data.offset, add(add(at, 3), length))))
                    length := add(length, 1)
                    if iszero(eq(left, right)) { break }
                }

                let coded := sub(length, 1)
                size := add(size, mul(3, div(coded, 262)))
                switch gt(mod(coded, 262), 5)
                case 1 { size := add(size, 3) }
                default { size := add(size, 2) }

                at := add(at, length)
                remember(place(table, word24(data.offset, at)), at)
                at := add(at, 1)
                remember(place(table, word24(data.offset, at)), at)
                at := add(at, 1)
                anchor := at
            }
            size := add(size, literals(sub(end, anchor)))
        }
    }
}
