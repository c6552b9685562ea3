// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

/// @dev contracts-bedrock's L2OutputOracle 1.8.0.
interface IL2OutputOracle {
    struct OutputProposal {
        bytes32 outputRoot;
        uint128 timestamp;
        uint128 l2BlockNumber;
    }

    function getL2Output(uint256 index) external view returns (OutputProposal memory);
    function deleteL2Outputs(uint256 index) external;
    function proposeL2Output(bytes32 root, uint256 l2Block, bytes32 l1Hash, uint256 l1Number) external payable;
    function nextBlockNumber() external view returns (uint256);
    function finalizationPeriodSeconds() external view returns (uint256);
}

/// @title Bonded validators who stand behind output roots: proposer and challenger of an L2OutputOracle in one.
/// @notice docs/protocol.md, "Output roots". An ordinary output is posted by the bonded proposer, with what validators
///         have signed. A validator whose node derives another root deletes it and all after it by `challenge`, which
///         opens a dispute; what replaces the first deleted output needs the signatures of two thirds of the
///         validators. The side whose root did not come back loses its bond: half to the other side, the rest burned.
///         State validity is attested by these validators, not proved.
contract OutputValidators is Initializable, EIP712 {
    using SafeERC20 for ERC20Burnable;

    struct Account {
        uint128 bond;
        /// @dev When the bond may be withdrawn; 0 while the account does not retire.
        uint64 withdrawableAt;
        /// @dev The owner has made it a validator.
        bool admitted;
    }

    /// @dev The open dispute; `challenger` is zero where there is none.
    struct Dispute {
        uint256 l2Block;
        bytes32 deletedRoot;
        bytes32 claimedRoot;
        address proposer;
        address challenger;
    }

    bytes32 public constant OUTPUT_TYPEHASH = keccak256("Output(bytes32 outputRoot,uint256 l2BlockNumber)");

    IL2OutputOracle public oracle;
    ERC20Burnable public token;
    address public owner;
    address public proposer;
    /// @notice Wei of OPEN that proposer and validators must have bonded.
    uint128 public requiredBond;
    /// @notice Validators that are admitted, bonded and not retiring.
    uint256 public activeCount;
    mapping(address => Account) public accounts;
    /// @notice Who posted the output of an L2 block that stands now.
    mapping(uint256 => address) public proposerOf;
    /// @notice The root by which a dispute about an L2 block was settled.
    mapping(uint256 => bytes32) public settledRoot;
    Dispute public dispute;

    event Proposed(uint256 indexed l2Block, bytes32 indexed outputRoot, address indexed proposer, address[] signers);
    event Challenged(uint256 indexed l2Block, bytes32 deletedRoot, bytes32 claimedRoot, address indexed challenger);
    event Settled(uint256 indexed l2Block, bytes32 outputRoot, bool proposerWasWrong, bool challengerWasWrong);
    event Slashed(address indexed account, uint256 bond, address indexed rewarded, uint256 reward);
    event Bonded(address indexed account, uint256 amount, uint256 bond);
    event Retiring(address indexed account, uint256 withdrawableAt);
    event Withdrawn(address indexed account, uint256 amount);
    event ValidatorSet(address indexed account, bool admitted);
    event ProposerSet(address indexed account);

    error NotOwner(address caller, address owner);
    error NotProposer(address caller, address proposer);
    error NotValidator(address account);
    error BondTooSmall(address account, uint256 bond, uint256 required);
    error DisputeOpen(uint256 l2Block);
    error TooFewSignatures(uint256 signatures, uint256 validators);
    error SignersNotAscending(address signer);
    error AlreadySettled(uint256 l2Block);
    error SameRoot(bytes32 outputRoot);
    error NothingToSlash(address signer);
    error TooEarly(uint256 withdrawableAt);
    error InvalidField(string field, string reason);

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotOwner(msg.sender, owner);
        _;
    }

    /// @dev Bonds stand still while one may have to be slashed.
    modifier whileUndisputed() {
        if (dispute.challenger != address(0)) revert DisputeOpen(dispute.l2Block);
        _;
    }

    constructor() EIP712("OpenLedger Outputs", "1") {
        _disableInitializers();
    }

    function initialize(address oracle_, address token_, address owner_, address proposer_, uint128 requiredBond_)
        external
        initializer
    {
        if (requiredBond_ == 0) revert InvalidField("requiredBond", "must be above 0");
        oracle = IL2OutputOracle(oracle_);
        token = ERC20Burnable(token_);
        owner = owner_;
        proposer = proposer_;
        requiredBond = requiredBond_;
    }

    // ---- the owner ----

    function setOwner(address account) external onlyOwner {
        if (account == address(0)) revert InvalidField("owner", "must not be the zero address");
        owner = account;
    }

    function setProposer(address account) external onlyOwner {
        proposer = account;
        emit ProposerSet(account);
    }

    /// @notice Makes an account a validator, or takes that away. Its bond stays its own.
    function setValidator(address account, bool admitted) external onlyOwner {
        bool wasActive = isActive(account);
        accounts[account].admitted = admitted;
        _recount(account, wasActive);
        emit ValidatorSet(account, admitted);
    }

    // ---- bonds ----

    /// @notice Adds to the bond of any account; it does not retire any more.
    function bond(address account, uint128 amount) external whileUndisputed {
        bool wasActive = isActive(account);
        accounts[account].bond += amount;
        accounts[account].withdrawableAt = 0;
        _recount(account, wasActive);
        token.safeTransferFrom(msg.sender, address(this), amount);
        emit Bonded(account, amount, accounts[account].bond);
    }

    /// @notice Ends the caller's part. Its bond answers for what it has signed until two finalization periods later.
    function retire() external whileUndisputed {
        bool wasActive = isActive(msg.sender);
        uint64 withdrawableAt = uint64(block.timestamp + 2 * oracle.finalizationPeriodSeconds());
        accounts[msg.sender].withdrawableAt = withdrawableAt;
        _recount(msg.sender, wasActive);
        emit Retiring(msg.sender, withdrawableAt);
    }

    function withdraw() external whileUndisputed {
        Account storage account = accounts[msg.sender];
        if (account.withdrawableAt == 0 || block.timestamp < account.withdrawableAt) revert TooEarly(account.withdrawableAt);
        uint256 amount = account.bond;
        account.bond = 0;
        token.safeTransfer(msg.sender, amount);
        emit Withdrawn(msg.sender, amount);
    }

    // ---- outputs ----

    /// @notice Posts the output of the oracle's next block. Without a dispute by the bonded proposer alone; over a
    ///         disputed block by anybody who brings the signatures of two thirds of the validators.
    /// @param signatures Of validators over Output(outputRoot, l2BlockNumber), by ascending address of the signer.
    function propose(bytes32 outputRoot, uint256 l2Block, bytes32 l1Hash, uint256 l1Number, bytes[] calldata signatures)
        external
    {
        address[] memory signers = _signers(outputRoot, l2Block, signatures);
        bool isDisputed = dispute.challenger != address(0);
        if (isDisputed) {
            // Without any validator left nothing decides, until the owner names some.
            if (signers.length == 0 || signers.length * 3 < activeCount * 2) {
                revert TooFewSignatures(signers.length, activeCount);
            }
        } else {
            if (msg.sender != proposer) revert NotProposer(msg.sender, proposer);
            if (!isBonded(msg.sender)) revert BondTooSmall(msg.sender, accounts[msg.sender].bond, requiredBond);
        }
        proposerOf[l2Block] = msg.sender;
        emit Proposed(l2Block, outputRoot, msg.sender, signers);
        // The oracle takes no other block than its next one, and that is the disputed one.
        oracle.proposeL2Output(outputRoot, l2Block, l1Hash, l1Number);
        if (isDisputed) _settle(outputRoot);
    }

    /// @notice Deletes an output that is not final, and all after it, because the caller derives another root there.
    function challenge(uint256 outputIndex, bytes32 claimedRoot) external whileUndisputed {
        if (!isActive(msg.sender)) revert NotValidator(msg.sender);
        IL2OutputOracle.OutputProposal memory output = oracle.getL2Output(outputIndex);
        uint256 l2Block = output.l2BlockNumber;
        if (settledRoot[l2Block] != bytes32(0)) revert AlreadySettled(l2Block);
        if (claimedRoot == output.outputRoot) revert SameRoot(claimedRoot);
        if (claimedRoot == bytes32(0)) revert InvalidField("claimedRoot", "must not be zero");
        dispute = Dispute(l2Block, output.outputRoot, claimedRoot, proposerOf[l2Block], msg.sender);
        emit Challenged(l2Block, output.outputRoot, claimedRoot, msg.sender);
        oracle.deleteL2Outputs(outputIndex);
    }

    /// @notice Slashes a validator that has signed another root for a block than the one a dispute was settled by.
    function slashSigner(bytes32 outputRoot, uint256 l2Block, bytes calldata signature) external whileUndisputed {
        bytes32 settled = settledRoot[l2Block];
        address signer = ECDSA.recover(outputDigest(outputRoot, l2Block), signature);
        if (settled == bytes32(0) || settled == outputRoot || accounts[signer].bond == 0) revert NothingToSlash(signer);
        _slash(signer, msg.sender);
    }

    // ---- reads ----

    /// @notice What a validator signs (EIP-712).
    function outputDigest(bytes32 outputRoot, uint256 l2Block) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(OUTPUT_TYPEHASH, outputRoot, l2Block)));
    }

    function isBonded(address account) public view returns (bool) {
        return accounts[account].bond >= requiredBond && accounts[account].withdrawableAt == 0;
    }

    function isActive(address account) public view returns (bool) {
        return accounts[account].admitted && isBonded(account);
    }

    function version() external pure returns (string memory) {
        return "1.0.0";
    }

    // ---- rules ----

    function _signers(bytes32 outputRoot, uint256 l2Block, bytes[] calldata signatures)
        private
        view
        returns (address[] memory signers)
    {
        bytes32 digest = outputDigest(outputRoot, l2Block);
        signers = new address[](signatures.length);
        for (uint256 i = 0; i < signatures.length; i++) {
            address signer = ECDSA.recover(digest, signatures[i]);
            if (!isActive(signer)) revert NotValidator(signer);
            if (i > 0 && signer <= signers[i - 1]) revert SignersNotAscending(signer);
            signers[i] = signer;
        }
    }

    /// @dev A side is wrong where its root is not the one that two thirds have signed; both may be.
    function _settle(bytes32 outputRoot) private {
        Dispute memory settled = dispute;
        delete dispute;
        settledRoot[settled.l2Block] = outputRoot;
        bool proposerWasWrong = outputRoot != settled.deletedRoot;
        bool challengerWasWrong = outputRoot != settled.claimedRoot;
        emit Settled(settled.l2Block, outputRoot, proposerWasWrong, challengerWasWrong);
        if (proposerWasWrong) _slash(settled.proposer, challengerWasWrong ? address(0) : settled.challenger);
        if (challengerWasWrong) _slash(settled.challenger, proposerWasWrong ? address(0) : settled.proposer);
    }

    /// @dev The whole bond: half to the rewarded account, if any, the rest burned, so that nobody gains by slashing himself.
    function _slash(address account, address rewarded) private {
        bool wasActive = isActive(account);
        uint256 amount = accounts[account].bond;
        accounts[account].bond = 0;
        _recount(account, wasActive);
        uint256 reward = rewarded == address(0) ? 0 : amount / 2;
        emit Slashed(account, amount, rewarded, reward);
        if (reward > 0) token.safeTransfer(rewarded, reward);
        if (amount > reward) token.burn(amount - reward);
    }

    function _recount(address account, bool wasActive) private {
        bool isNow = isActive(account);
        if (isNow && !wasActive) activeCount++;
        if (!isNow && wasActive) activeCount--;
    }
}
