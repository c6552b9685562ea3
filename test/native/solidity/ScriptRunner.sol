// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {IChannels} from "../../../genesis/solidity/interfaces/IChannels.sol";

/// @title Makes the calls that it is told, for test/native/revert-fuzz.test.ts. A frame is a call of `run`, its own or another
///        runner's, whose calldata lie in the step.
contract ScriptRunner {
    struct Step {
        /// @dev 0 CALL, 1 STATICCALL, 2 DELEGATECALL.
        uint8 mode;
        address target;
        /// @dev 0: all there is.
        uint256 gasLimit;
        uint256 value;
        bytes data;
    }

    error Undone();

    /// How often value came with a call: never, from a native contract.
    uint256 public received;

    receive() external payable {
        received++;
    }

    /// Swallows what fails, then ends well (0), reverts (1) or burns its gas (2).
    function run(Step[] calldata steps, uint8 end) external payable {
        for (uint256 i = 0; i < steps.length; i++) {
            make(steps[i]);
        }
        if (end == 1) revert Undone();
        if (end == 2) {
            assembly {
                invalid()
            }
        }
    }

    function make(Step calldata step) private {
        bytes memory data = step.data;
        (uint8 mode, address target, uint256 value) = (step.mode, step.target, step.value);
        uint256 gasLimit = step.gasLimit == 0 ? gasleft() : step.gasLimit;
        assembly {
            let start := add(data, 32)
            switch mode
            case 0 { pop(call(gasLimit, target, value, start, mload(data), 0, 0)) }
            case 1 { pop(staticcall(gasLimit, target, start, mload(data), 0, 0)) }
            default { pop(delegatecall(gasLimit, target, start, mload(data), 0, 0)) }
        }
    }
}

/// @title Would take its deposit out of Channels again and again, if what it is paid came with a call.
contract HostileReceiver {
    IChannels constant CHANNELS = IChannels(0x4F50454e00000000000000000000000000000003);

    uint256 public entered;
    bytes32 private channel;

    function open(address receiver) external payable {
        channel = CHANNELS.open{value: msg.value}(receiver);
    }

    function close() external {
        CHANNELS.close(channel);
    }

    function refund() external {
        CHANNELS.refund(channel);
    }

    receive() external payable {
        entered++;
        CHANNELS.refund(channel);
    }
}
