import type { NativeClient } from './native-transaction.ts'

/** An action without its client. */
export type BoundAction<action> = action extends (client: NativeClient, ...rest: infer rest) => infer result
  ? (...rest: rest) => result
  : never
