/** A chain config for tests: plausible values, addresses that tell what they stand for. */
import { type ChainConfig, parseChainConfig } from '../chain-config.ts'

const address = (byte: string): `0x${string}` => `0x${byte.repeat(20)}`

export function sampleConfig(changes: Partial<ChainConfig['genesis']> = {}): ChainConfig {
  const config = parseChainConfig(
    JSON.stringify({
      name: 'sample',
      protocolVersion: 1,
      network: 'development',
      l1ChainId: 900,
      l2ChainId: 901,
      blockTime: 2,
      maxSequencerDrift: 1_800,
      seqWindowSize: 3_600,
      channelTimeout: 50,
      genesis: {
        l1: { number: 1, hash: `0x${'11'.repeat(32)}` },
        l2: { number: 0, hash: `0x${'00'.repeat(32)}` },
        l2Time: 1_700_000_000,
        systemConfig: {
          batcherAddr: address('ba'),
          scalar: `0x01${'00'.repeat(23)}000c5fc500000558`,
          gasLimit: 15_000_000,
          eip1559Params: '0x000000fa00000006',
          operatorFeeScalar: 0,
          operatorFeeConstant: '0',
          minBaseFee: '1000000',
          daFootprintGasScalar: 200,
        },
        balances: {},
        parameters: {},
        governor: address('60'),
        feeRecipient: address('fe'),
      },
      batchInboxAddress: address('00'),
      depositContractAddress: address('d0'),
      l1SystemConfigAddress: address('5c'),
      l2OutputOracleAddress: address('00'),
      openTokenAddress: address('07'),
      l1CrossDomainMessengerAddress: address('11'),
      l1StandardBridgeAddress: address('1b'),
      unsafeBlockSigner: address('5e'),
    }),
  )
  return { ...config, genesis: { ...config.genesis, ...changes } }
}
