// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// @title A small ordinary contract for tests of JSON-RPC: a constructor argument, a string, a count, a log, an error.
contract Notes {
    string public note;
    uint256 public count;

    event Written(address indexed author, uint256 count);

    error Empty(uint256 count);

    constructor(string memory first) {
        write(first);
    }

    function write(string memory text) public {
        if (bytes(text).length == 0) revert Empty(count);
        note = text;
        count++;
        emit Written(msg.sender, count);
    }
}
