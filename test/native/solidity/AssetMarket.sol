// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {IERC2981} from "@openzeppelin/contracts/interfaces/IERC2981.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IERC721Receiver} from "@openzeppelin/contracts/token/ERC721/IERC721Receiver.sol";
import {ERC721Holder} from "@openzeppelin/contracts/token/ERC721/utils/ERC721Holder.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

/// @title An ordinary market, for test/native/asset-faces.test.ts: it knows ERC-20, ERC-721 and ERC-2981, and
///        nothing of this chain.
contract AssetMarket is ERC721Holder {
    using SafeERC20 for IERC20;

    struct Sale {
        address seller;
        uint256 amount;
        uint256 price;
    }

    /// By token, and by token with the id of one.
    mapping(address => Sale) public shares;
    mapping(address => mapping(uint256 => Sale)) public items;

    function offerShares(IERC20 token, uint256 amount, uint256 price) external {
        token.safeTransferFrom(msg.sender, address(this), amount);
        shares[address(token)] = Sale(msg.sender, amount, price);
    }

    function buyShares(IERC20 token) external payable {
        Sale memory sale = shares[address(token)];
        require(sale.amount > 0 && msg.value == sale.price, "price");
        delete shares[address(token)];
        token.safeTransfer(msg.sender, sale.amount);
        Address.sendValue(payable(sale.seller), msg.value);
    }

    function offerItem(IERC721 token, uint256 id, uint256 price) external {
        token.transferFrom(msg.sender, address(this), id);
        items[address(token)][id] = Sale(msg.sender, 1, price);
    }

    function buyItem(IERC721 token, uint256 id) external payable {
        Sale memory sale = items[address(token)][id];
        require(sale.amount > 0 && msg.value == sale.price, "price");
        delete items[address(token)][id];
        uint256 royalty;
        if (IERC165(address(token)).supportsInterface(type(IERC2981).interfaceId)) {
            address creator;
            (creator, royalty) = IERC2981(address(token)).royaltyInfo(id, sale.price);
            Address.sendValue(payable(creator), royalty);
        }
        Address.sendValue(payable(sale.seller), sale.price - royalty);
        token.safeTransferFrom(address(this), msg.sender, id);
    }
}

/// A receiver that passes an item on from inside its hook, and tries to do it twice.
contract PassingReceiver is IERC721Receiver {
    address public immutable next;
    /// Why the second time failed.
    bytes public refusal;

    constructor(address next_) {
        next = next_;
    }

    function onERC721Received(address, address from, uint256 id, bytes calldata) external returns (bytes4) {
        IERC721(msg.sender).transferFrom(address(this), next, id);
        try IERC721(msg.sender).transferFrom(from, next, id) {
            revert("twice");
        } catch (bytes memory reason) {
            refusal = reason;
        }
        return IERC721Receiver.onERC721Received.selector;
    }
}

/// Answers the hook with something else.
contract RefusingReceiver is IERC721Receiver {
    function onERC721Received(address, address, uint256, bytes calldata) external pure returns (bytes4) {
        return 0xdeadbeef;
    }
}

/// Has no hook.
contract DeafReceiver {}
