// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {IDatanets} from "../interfaces/IDatanets.sol";

/// @title The shares of one Datanet as an ERC-20 with ERC-2612 permits.
/// @notice Balances lie in Datanets, which mints and burns them (docs/protocol.md, "Asset faces"); only allowances and
///         nonces lie here. Datanets logs every mint, burn and transfer as SharesTransferred; this contract logs
///         Transfer for the transfers that pass through it. Holders withdraw what their shares have earned from
///         Attribution, withdrawIncome(datanet): a transfer moves future income only.
/// @dev Runs as a clone whose code ends with the Datanet's id (DatanetShareFactory). No constructor, no immutables.
contract DatanetShare is IERC20Metadata, IERC20Permit, IERC20Errors, IERC5267, Nonces {
    error ERC2612ExpiredSignature(uint256 deadline);
    error ERC2612InvalidSigner(address signer, address owner);

    IDatanets private constant DATANETS = IDatanets(0x4F50454E00000000000000000000000000000001);
    bytes32 private constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant PERMIT_TYPEHASH =
        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");

    mapping(address owner => mapping(address spender => uint256)) private _allowances;

    // ---- ERC-20 ----

    /// @notice The Datanet whose shares these are.
    function datanet() public view returns (uint64) {
        return abi.decode(Clones.fetchCloneArgs(address(this)), (uint64));
    }

    function name() public view returns (string memory) {
        uint64 id = datanet();
        return string.concat("OpenLedger Datanet ", Strings.toString(id), ": ", DATANETS.getDatanet(id).name);
    }

    function symbol() external view returns (string memory) {
        return string.concat("OLD-", Strings.toString(datanet()));
    }

    /// @notice 0: a share is whole, and stands for about a token of text.
    function decimals() external pure returns (uint8) {
        return 0;
    }

    function totalSupply() external view returns (uint256 total) {
        (, total) = DATANETS.sharesOf(datanet(), address(0));
    }

    function balanceOf(address account) public view returns (uint256 shares) {
        (shares, ) = DATANETS.sharesOf(datanet(), account);
    }

    /// @notice How much of balanceOf can be transferred: the rest stands for clusters that have not been released.
    function transferableOf(address account) external view returns (uint256) {
        (uint256 shares, uint256 bound, ) = DATANETS.shareAccountOf(datanet(), account);
        return shares - bound;
    }

    function allowance(address owner, address spender) public view returns (uint256) {
        return _allowances[owner][spender];
    }

    function transfer(address to, uint256 value) external returns (bool) {
        _transfer(msg.sender, to, value);
        return true;
    }

    function approve(address spender, uint256 value) external returns (bool) {
        _approve(msg.sender, spender, value);
        return true;
    }

    /// @notice An allowance of 2²⁵⁶ − 1 is not used up.
    function transferFrom(address from, address to, uint256 value) external returns (bool) {
        uint256 allowed = _allowances[from][msg.sender];
        if (allowed != type(uint256).max) {
            if (allowed < value) revert ERC20InsufficientAllowance(msg.sender, allowed, value);
            unchecked {
                _allowances[from][msg.sender] = allowed - value;
            }
        }
        _transfer(from, to, value);
        return true;
    }

    // ---- ERC-2612 ----

    function permit(
        address owner,
        address spender,
        uint256 value,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        if (block.timestamp > deadline) revert ERC2612ExpiredSignature(deadline);
        bytes32 message = keccak256(abi.encode(PERMIT_TYPEHASH, owner, spender, value, _useNonce(owner), deadline));
        address signer = ECDSA.recover(MessageHashUtils.toTypedDataHash(DOMAIN_SEPARATOR(), message), v, r, s);
        if (signer != owner) revert ERC2612InvalidSigner(signer, owner);
        _approve(owner, spender, value);
    }

    function nonces(address owner) public view override(IERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }

    // solhint-disable-next-line func-name-mixedcase
    function DOMAIN_SEPARATOR() public view returns (bytes32) {
        return keccak256(
            abi.encode(DOMAIN_TYPEHASH, keccak256(bytes(name())), keccak256("1"), block.chainid, address(this))
        );
    }

    function eip712Domain()
        external
        view
        returns (
            bytes1 fields,
            string memory domainName,
            string memory version,
            uint256 chainId,
            address verifyingContract,
            bytes32 salt,
            uint256[] memory extensions
        )
    {
        return (hex"0f", name(), "1", block.chainid, address(this), bytes32(0), new uint256[](0));
    }

    // ---- rules ----

    /// @dev Datanets refuses shares that are bound to a cluster (SharesBound). What a receiver owes is burned on arrival.
    function _transfer(address from, address to, uint256 value) private {
        if (from == address(0)) revert ERC20InvalidSender(from);
        if (to == address(0)) revert ERC20InvalidReceiver(to);
        uint64 id = datanet();
        (uint256 held, ) = DATANETS.sharesOf(id, from);
        if (held < value) revert ERC20InsufficientBalance(from, held, value);
        uint256 repaid = DATANETS.transferShares(id, from, to, value);
        emit Transfer(from, to, value);
        if (repaid > 0) emit Transfer(to, address(0), repaid);
    }

    function _approve(address owner, address spender, uint256 value) private {
        if (owner == address(0)) revert ERC20InvalidApprover(owner);
        if (spender == address(0)) revert ERC20InvalidSpender(spender);
        _allowances[owner][spender] = value;
        emit Approval(owner, spender, value);
    }
}
