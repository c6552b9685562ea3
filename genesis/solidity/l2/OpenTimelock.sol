// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

/// @title The timelock: governor of Parameters, Datanets' weights and the treasury.
/// @notice OpenZeppelin's TimelockController. The Governor alone proposes and cancels, anybody executes what is due, and
///         no account but the timelock itself administers these roles.
contract OpenTimelock is TimelockController {
    constructor(uint256 minDelay, address governor)
        TimelockController(minDelay, _only(governor), _only(address(0)), address(0))
    {}

    function _only(address account) private pure returns (address[] memory list) {
        list = new address[](1);
        list[0] = account;
    }
}
