/** The libp2p host under network.ts: TCP, noise, yamux, gossipsub with our scores, and a gate that keeps banned peers out. */
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { type GossipSub, gossipsub, StrictNoSign } from '@libp2p/gossipsub'
import { type Identify, identify } from '@libp2p/identify'
import { type Ping, ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { createLibp2p, type Libp2p } from 'libp2p'
import { MAX_MESSAGE_SIZE } from './compression.ts'
import { messageId } from './gossip-message.ts'
import type { Identity } from './identity.ts'
import { type PeerScores, SCORE } from './peer-scores.ts'

export type Host = Libp2p<{ identify: Identify; ping: Ping; pubsub: GossipSub }>

/** A message with its framing may be a little larger on the wire than unpacked. */
const MAX_WIRE_SIZE = MAX_MESSAGE_SIZE + 2 ** 20

/** A host that is not started yet. `listen`: multiaddresses. */
export async function createHost(
  modules: { scores: PeerScores },
  options: { identity: Identity; listen: string[]; topic: string },
): Promise<Host> {
  const { scores } = modules
  const banned = (peer: { toString(): string }): boolean => scores.isBanned(peer.toString())
  return await createLibp2p({
    start: false,
    privateKey: options.identity,
    addresses: { listen: options.listen },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: {
      denyDialPeer: banned,
      // Without an answer of its own libp2p refuses private addresses in browsers only; said here to be plain.
      denyDialMultiaddr: () => false,
      denyInboundEncryptedConnection: banned,
      denyOutboundEncryptedConnection: banned,
    },
    services: {
      identify: identify(),
      ping: ping(),
      pubsub: gossipsub({
        globalSignaturePolicy: StrictNoSign,
        allowedTopics: [options.topic],
        allowPublishToZeroTopicPeers: true,
        ignoreDuplicatePublishError: true,
        emitSelf: false,
        floodPublish: true,
        msgIdFn: (message) => messageId(message.topic, message.data),
        maxInboundDataLength: MAX_WIRE_SIZE,
        maxOutboundBufferSize: 4 * MAX_WIRE_SIZE,
        scoreParams: { appSpecificScore: (peer) => scores.of(peer), appSpecificWeight: 1 },
        scoreThresholds: {
          gossipThreshold: SCORE.gossipThreshold,
          publishThreshold: SCORE.publishThreshold,
          graylistThreshold: SCORE.graylistThreshold,
        },
      }),
    },
  })
}
