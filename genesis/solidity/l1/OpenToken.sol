// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title OPEN on L1: fixed supply of one billion, burnable, ERC-2612 permits. The portal locks it and L2 mints it.
contract OpenToken is ERC20, ERC20Burnable, ERC20Permit {
    /// @param holder Receives the whole supply.
    constructor(address holder) ERC20("OPEN", "OPEN") ERC20Permit("OPEN") {
        _mint(holder, 1_000_000_000 ether);
    }
}
