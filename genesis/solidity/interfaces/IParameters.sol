// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// @title Parameters (native contract 06): every governed number.
/// @notice A native contract: no Solidity lies behind it, the node executes it (docs/protocol.md). It answers at
///         0x4F50454e00000000000000000000000000000006, by CALL and STATICCALL only; DELEGATECALL meets code 0xfe.
///         Kept equal to genesis/abi/parameters.ts by a test.
interface IParameters {
    function get(uint16 id) external view returns (uint256 value);
    function set(uint16 id, uint256 value) external;
    function governor() external view returns (address);

    event ParameterSet(uint16 indexed id, uint256 oldValue, uint256 newValue);

    error UnknownParameter(uint16 id);
    error InvalidField(string field, string reason);
    error NotGovernor(address caller, address governor);
    error OutOfRange(uint16 id, uint256 value, string rule);
}
