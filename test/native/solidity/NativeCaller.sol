// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {IAttribution} from "../../../genesis/solidity/interfaces/IAttribution.sol";
import {IChannels} from "../../../genesis/solidity/interfaces/IChannels.sol";
import {IDatanets} from "../../../genesis/solidity/interfaces/IDatanets.sol";
import {IModels} from "../../../genesis/solidity/interfaces/IModels.sol";
import {IParameters} from "../../../genesis/solidity/interfaces/IParameters.sol";
import {IStaking} from "../../../genesis/solidity/interfaces/IStaking.sol";

/// @title What an ordinary contract can do with the native contracts, for test/native/solidity-caller.test.ts.
contract NativeCaller {
    IDatanets constant DATANETS = IDatanets(0x4F50454E00000000000000000000000000000001);
    IModels constant MODELS = IModels(0x4f50454E00000000000000000000000000000002);
    IChannels constant CHANNELS = IChannels(0x4F50454e00000000000000000000000000000003);
    IAttribution constant ATTRIBUTION = IAttribution(0x4f50454E00000000000000000000000000000004);
    IStaking constant STAKING = IStaking(0x4F50454E00000000000000000000000000000005);
    IParameters constant PARAMETERS = IParameters(0x4F50454e00000000000000000000000000000006);

    event Caught(bytes reason);

    error Undone(uint64 datanet, bytes32 channel);
    error Collected(uint256 gained);

    /// How many calls below have come to their end; shows that a contract goes on after a caught failure.
    uint256 public completed;

    receive() external payable {}

    function createDatanet(string calldata name) public returns (uint64 datanet) {
        datanet = DATANETS.create(configOf(name));
        completed++;
    }

    /// The bond is paid out of the contract's own balance.
    function commit(bytes32 commitment) external {
        DATANETS.commit{value: PARAMETERS.get(13)}(commitment);
        completed++;
    }

    function contribute(uint64 datanet, bytes calldata content, string calldata cid, bytes32 salt)
        external
        returns (uint64 contribution, uint64 cluster)
    {
        (contribution, cluster) = DATANETS.contributeContent(datanet, content, cid, salt);
        completed++;
    }

    function stake(uint8 role) external payable {
        STAKING.stake{value: msg.value}(role);
        completed++;
    }

    function openChannel(address receiver) public payable returns (bytes32 channel) {
        channel = CHANNELS.open{value: msg.value}(receiver);
        completed++;
    }

    /// Who may sign for this contract, which has no key: `key`, up to `cap` wei.
    function authorizeSigner(bytes32 channel, address key, uint128 cap, uint64 expiry) external {
        CHANNELS.authorizeSigner(channel, key, cap, expiry);
        completed++;
    }

    function attest(uint64 version) external {
        MODELS.attest(version);
        completed++;
    }

    /// What this contract's shares of a Datanet have earned. Returns what its balance grew by.
    function collectIncome(uint64 datanet) public returns (uint256 gained) {
        uint256 before = address(this).balance;
        ATTRIBUTION.withdrawIncome(datanet);
        gained = address(this).balance - before;
        completed++;
    }

    /// The same with a revert around it: nothing is collected.
    function collectAndGoOn(uint64 datanet) external {
        try this.collectAndRevert(datanet) {
            completed = 1e18;
        } catch (bytes memory reason) {
            emit Caught(reason);
        }
        completed++;
    }

    function collectAndRevert(uint64 datanet) external {
        revert Collected(collectIncome(datanet));
    }

    function closeChannel(bytes32 channel) external {
        CHANNELS.close(channel);
        completed++;
    }

    function refundChannel(bytes32 channel) external {
        CHANNELS.refund(channel);
        completed++;
    }

    function datanetOf(uint64 datanet) external view returns (IDatanets.Datanet memory) {
        return DATANETS.getDatanet(datanet);
    }

    function contributionOf(uint64 contribution) external view returns (IDatanets.Contribution memory) {
        return DATANETS.getContribution(contribution);
    }

    function channelOf(bytes32 channel) external view returns (IChannels.Channel memory) {
        return CHANNELS.getChannel(channel);
    }

    function ownStake(uint8 role) external view returns (IStaking.Stake memory) {
        return STAKING.stakeOf(address(this), role);
    }

    /// Writes in three native contracts, with value, then reverts.
    function doAndRevert(string calldata name, address receiver, bytes32 commitment) external payable {
        uint64 datanet = createDatanet(name);
        DATANETS.commit{value: PARAMETERS.get(13)}(commitment);
        STAKING.stake{value: PARAMETERS.get(18)}(1);
        bytes32 channel = CHANNELS.open{value: msg.value}(receiver);
        revert Undone(datanet, channel);
    }

    /// The same, with the revert inside: what the native contracts did is undone, what this contract did is not.
    function doRevertAndGoOn(string calldata name, address receiver, bytes32 commitment) external payable {
        try this.doAndRevert{value: msg.value}(name, receiver, commitment) {
            completed = 1e18;
        } catch (bytes memory reason) {
            emit Caught(reason);
        }
        completed++;
    }

    /// Creates a Datanet whether or not the one asked for exists.
    function createIfUnknown(uint64 datanet, string calldata name) external returns (uint64) {
        try DATANETS.getDatanet(datanet) returns (IDatanets.Datanet memory) {
            return datanet;
        } catch (bytes memory reason) {
            require(bytes4(reason) == IDatanets.UnknownDatanet.selector, "another error");
            emit Caught(reason);
            return createDatanet(name);
        }
    }

    function staticCall(address target, bytes calldata data) external view returns (bool ok, bytes memory answer) {
        (ok, answer) = target.staticcall(data);
    }

    /// `gas` bounds what code 0xfe, which takes all it is given, can take.
    function delegateCall(address target, bytes calldata data, uint256 gas)
        external
        returns (bool ok, bytes memory answer, uint256 gasUsed)
    {
        uint256 before = gasleft();
        (ok, answer) = target.delegatecall{gas: gas}(data);
        gasUsed = before - gasleft();
    }

    function configOf(string calldata name) private pure returns (IDatanets.DatanetConfig memory config) {
        config.name = name;
        config.domain = "smart contracts";
        config.licence.commercialUse = true;
    }
}
