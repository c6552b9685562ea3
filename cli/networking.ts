import type { HashedBlock } from '../node/execution/block.ts'
import type { Teardown } from './lifetime.ts'
// TEMPORARY
export async function startNetworking(_node: unknown, _options: unknown, _teardown: Teardown, _key?: string) {
  return { address: '/ip4/127.0.0.1/tcp/1', publish: (_block: HashedBlock) => undefined }
}
