// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

interface ICrossDomainMessenger {
    function xDomainMessageSender() external view returns (address);
}

/// @title Keeps the last message that came from the other layer, and who sent it there.
contract Mailbox {
    ICrossDomainMessenger public immutable messenger;
    address public sender;
    string public text;

    constructor(address messenger_) {
        messenger = ICrossDomainMessenger(messenger_);
    }

    function deliver(string calldata text_) external {
        require(msg.sender == address(messenger), "only the messenger delivers");
        sender = messenger.xDomainMessageSender();
        text = text_;
    }
}
