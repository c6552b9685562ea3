// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC2981} from "@openzeppelin/contracts/interfaces/IERC2981.sol";
import {IERC721Metadata} from "@openzeppelin/contracts/token/ERC721/extensions/IERC721Metadata.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {ERC721Utils} from "@openzeppelin/contracts/token/ERC721/utils/ERC721Utils.sol";
import {Base64} from "@openzeppelin/contracts/utils/Base64.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {IModels} from "../interfaces/IModels.sol";

/// @title Every model as an ERC-721 with ERC-2981 royalties; a token's id is the model's.
/// @notice Owners lie in Models (docs/protocol.md, "Asset faces"); only approvals lie here. Who owns a model sets its
///         runs and versions and receives the owner's part of requests settled from then on; what was credited before
///         stays with whom it was credited to.
/// @dev createModel mints natively, where no log of this contract can stand: ModelCreated is that mint's log. The first
///      transfer of a model, or announce, logs it here as well, so that a token's Transfer logs are complete before it
///      moves. No constructor, no immutables.
contract ModelToken is IERC721Metadata, IERC2981, IERC721Errors {
    IModels private constant MODELS = IModels(0x4f50454E00000000000000000000000000000002);

    mapping(uint256 tokenId => address) private _approved;
    mapping(address owner => mapping(address operator => bool)) private _operators;
    /// @dev Whether the mint of a token has been logged here.
    mapping(uint256 tokenId => bool) private _announced;

    // ---- ERC-721 ----

    function name() external pure returns (string memory) {
        return "OpenLedger Models";
    }

    function symbol() external pure returns (string memory) {
        return "OLM";
    }

    function totalSupply() external view returns (uint256) {
        return MODELS.modelCount();
    }

    function balanceOf(address owner) external view returns (uint256) {
        if (owner == address(0)) revert ERC721InvalidOwner(owner);
        return MODELS.modelCountOf(owner);
    }

    function ownerOf(uint256 tokenId) public view returns (address) {
        return _model(tokenId).owner;
    }

    function getApproved(uint256 tokenId) external view returns (address) {
        ownerOf(tokenId);
        return _approved[tokenId];
    }

    function isApprovedForAll(address owner, address operator) public view returns (bool) {
        return _operators[owner][operator];
    }

    function approve(address to, uint256 tokenId) external {
        address owner = ownerOf(tokenId);
        if (msg.sender != owner && !isApprovedForAll(owner, msg.sender)) revert ERC721InvalidApprover(msg.sender);
        _approved[tokenId] = to;
        emit Approval(owner, to, tokenId);
    }

    function setApprovalForAll(address operator, bool approved) external {
        if (operator == address(0)) revert ERC721InvalidOperator(operator);
        _operators[msg.sender][operator] = approved;
        emit ApprovalForAll(msg.sender, operator, approved);
    }

    function transferFrom(address from, address to, uint256 tokenId) public {
        if (to == address(0)) revert ERC721InvalidReceiver(to);
        address owner = ownerOf(tokenId);
        if (msg.sender != owner && !isApprovedForAll(owner, msg.sender) && _approved[tokenId] != msg.sender) {
            revert ERC721InsufficientApproval(msg.sender, tokenId);
        }
        if (owner != from) revert ERC721IncorrectOwner(from, tokenId, owner);
        announce(tokenId);
        delete _approved[tokenId];
        MODELS.transferModel(uint64(tokenId), from, to);
        emit Transfer(from, to, tokenId);
    }

    function safeTransferFrom(address from, address to, uint256 tokenId) external {
        safeTransferFrom(from, to, tokenId, "");
    }

    /// @notice Asks a receiver that is a contract, after all else is done.
    function safeTransferFrom(address from, address to, uint256 tokenId, bytes memory data) public {
        transferFrom(from, to, tokenId);
        ERC721Utils.checkOnERC721Received(msg.sender, from, to, tokenId, data);
    }

    /// @notice Logs the mint of a model, once, by anybody.
    function announce(uint256 tokenId) public {
        ownerOf(tokenId);
        if (_announced[tokenId]) return;
        _announced[tokenId] = true;
        (address creator, , ) = MODELS.royaltyOf(uint64(tokenId));
        emit Transfer(address(0), creator, tokenId);
    }

    // ---- metadata and royalties ----

    /// @notice The model's record as a data URI of JSON.
    function tokenURI(uint256 tokenId) external view returns (string memory) {
        IModels.Model memory model = _model(tokenId);
        (address creator, , ) = MODELS.royaltyOf(uint64(tokenId));
        string memory json = string.concat(
            '{"name":"',
            Strings.escapeJSON(model.name),
            '","description":"Model ',
            Strings.toString(tokenId),
            ' of OpenLedger","attributes":[',
            _trait("base", Strings.toString(model.base)),
            ",",
            _trait("creator", Strings.toChecksumHexString(creator)),
            ",",
            _trait("price per 1k in (wei)", Strings.toString(model.pricePer1kIn)),
            ",",
            _trait("price per 1k out (wei)", Strings.toString(model.pricePer1kOut))
        );
        for (uint256 i = 0; i < model.datanets.length; i++) {
            json = string.concat(json, ",", _trait("datanet", Strings.toString(model.datanets[i])));
        }
        return string.concat("data:application/json;base64,", Base64.encode(bytes(string.concat(json, "]}"))));
    }

    /// @notice What a marketplace owes the model's creator of a sale's price.
    function royaltyInfo(uint256 tokenId, uint256 salePrice) external view returns (address receiver, uint256 amount) {
        ownerOf(tokenId);
        uint16 bps;
        (receiver, bps, ) = MODELS.royaltyOf(uint64(tokenId));
        // Never above salePrice, and without overflow at any price.
        amount = (salePrice / 10_000) * bps + ((salePrice % 10_000) * bps) / 10_000;
    }

    // ---- ERC-165 ----

    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == type(IERC165).interfaceId || interfaceId == type(IERC721).interfaceId
            || interfaceId == type(IERC721Metadata).interfaceId || interfaceId == type(IERC2981).interfaceId;
    }

    // ---- reading ----

    function _model(uint256 tokenId) private view returns (IModels.Model memory model) {
        if (tokenId == 0 || tokenId > MODELS.modelCount()) revert ERC721NonexistentToken(tokenId);
        return MODELS.getModel(uint64(tokenId));
    }

    function _trait(string memory key, string memory value) private pure returns (string memory) {
        return string.concat('{"trait_type":"', key, '","value":"', value, '"}');
    }
}
