// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Collects operator fees (specs.optimism.io, "Operator fee vault") and hands them to one recipient on L2.
/// @notice The same face as the three older vaults that npm ships. The immutables are written into the code by
///         genesis (genesis/allocations.ts). OPEN leaves by the message passer, so withdrawal to L1 is not offered.
contract OperatorFeeVault {
    enum WithdrawalNetwork {
        L1,
        L2
    }

    event Withdrawal(uint256 value, address to, address from);
    event Withdrawal(uint256 value, address to, address from, WithdrawalNetwork withdrawalNetwork);

    error BelowMinimum(uint256 balance, uint256 minimum);
    error TransferFailed(address recipient);

    address public immutable RECIPIENT;
    uint256 public immutable MIN_WITHDRAWAL_AMOUNT;
    WithdrawalNetwork public constant WITHDRAWAL_NETWORK = WithdrawalNetwork.L2;

    uint256 public totalProcessed;

    constructor(address recipient_, uint256 minWithdrawalAmount_) {
        RECIPIENT = recipient_;
        MIN_WITHDRAWAL_AMOUNT = minWithdrawalAmount_;
    }

    receive() external payable {}

    function version() external pure returns (string memory) {
        return "1.0.0+open";
    }

    function recipient() external view returns (address) {
        return RECIPIENT;
    }

    function minWithdrawalAmount() external view returns (uint256) {
        return MIN_WITHDRAWAL_AMOUNT;
    }

    function withdrawalNetwork() external pure returns (WithdrawalNetwork) {
        return WITHDRAWAL_NETWORK;
    }

    /// @notice Anybody may call: the money goes to the recipient.
    function withdraw() external {
        uint256 value = address(this).balance;
        if (value < MIN_WITHDRAWAL_AMOUNT) revert BelowMinimum(value, MIN_WITHDRAWAL_AMOUNT);
        totalProcessed += value;
        emit Withdrawal(value, RECIPIENT, msg.sender);
        emit Withdrawal(value, RECIPIENT, msg.sender, WITHDRAWAL_NETWORK);
        (bool sent, ) = RECIPIENT.call{value: value}("");
        if (!sent) revert TransferFailed(RECIPIENT);
    }
}
