/** Errors as JSON-RPC 2.0 and geth number them. */
import type { Hex } from 'viem'

export const RPC_ERROR = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  /** geth's default for anything that a method refuses. */
  server: -32000,
  responseTooLarge: -32003,
  limitExceeded: -32005,
  /** Execution reverted; `data` holds what it returned. */
  reverted: 3,
} as const

/** An answer that is an error. `message` is for the caller: it names the field, the value and the reason. */
export class RpcError extends Error {
  override name = 'RpcError'
  readonly code: number
  readonly data: Hex | undefined

  constructor(code: number, message: string, data?: Hex) {
    super(message)
    this.code = code
    this.data = data
  }
}
