// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {IDatanets} from "../interfaces/IDatanets.sol";

/// @title Deploys the share token of a Datanet, by anybody, where Datanets expects it.
/// @notice The address follows from the Datanet's id alone (protocol/share-token.ts), so nobody needs to be asked which
///         token is the right one.
contract DatanetShareFactory {
    event ShareTokenCreated(uint64 indexed datanet, address indexed token);

    IDatanets private constant DATANETS = IDatanets(0x4F50454E00000000000000000000000000000001);
    address private constant IMPLEMENTATION = 0x4200000000000000000000000000000000000050;

    /// @notice The token of a Datanet, deployed where it was not. Reverts with UnknownDatanet where there is none.
    function create(uint64 datanet) external returns (address token) {
        DATANETS.getDatanet(datanet);
        token = tokenOf(datanet);
        if (token.code.length > 0) return token;
        Clones.cloneDeterministicWithImmutableArgs(IMPLEMENTATION, abi.encode(datanet), bytes32(uint256(datanet)));
        emit ShareTokenCreated(datanet, token);
    }

    /// @notice Where the token of a Datanet lies, or would.
    function tokenOf(uint64 datanet) public view returns (address) {
        bytes32 salt = bytes32(uint256(datanet));
        return Clones.predictDeterministicAddressWithImmutableArgs(IMPLEMENTATION, abi.encode(datanet), salt);
    }
}
