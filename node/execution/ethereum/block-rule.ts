/** The rules of Ethereum's blocks by the names that its tests have for what breaks them (ethereum/execution-spec-tests). */
import type { TransactionRule } from '../execute-message.ts'
import { InvalidBlockError } from '../invalid-block.ts'
import type { TransactionError } from '../transaction.ts'

/** BlockException's names. */
type OwnRule =
  | 'BLOB_GAS_USED_ABOVE_LIMIT'
  | 'EXTRA_DATA_INVALID_DAO'
  | 'EXTRA_DATA_TOO_BIG'
  | 'GASLIMIT_TOO_BIG'
  | 'GAS_USED_OVERFLOW'
  | 'IMPORT_IMPOSSIBLE_DIFFICULTY_OVER_PARIS'
  | 'IMPORT_IMPOSSIBLE_UNCLES_OVER_PARIS'
  | 'INCORRECT_BLOB_GAS_USED'
  | 'INCORRECT_BLOCK_FORMAT'
  | 'INCORRECT_EXCESS_BLOB_GAS'
  | 'INVALID_BASEFEE_PER_GAS'
  | 'INVALID_BLOCK_NUMBER'
  | 'INVALID_BLOCK_TIMESTAMP_OLDER_THAN_PARENT'
  | 'INVALID_DEPOSIT_EVENT_LAYOUT'
  | 'INVALID_DIFFICULTY'
  | 'INVALID_GASLIMIT'
  | 'INVALID_GAS_USED'
  | 'INVALID_LOG_BLOOM'
  | 'INVALID_RECEIPTS_ROOT'
  | 'INVALID_REQUESTS'
  | 'INVALID_STATE_ROOT'
  | 'INVALID_TRANSACTIONS_ROOT'
  | 'INVALID_UNCLES_HASH'
  | 'INVALID_WITHDRAWALS_ROOT'
  | 'RLP_BLOCK_LIMIT_EXCEEDED'
  | 'RLP_STRUCTURES_ENCODING'
  | 'SYSTEM_CONTRACT_CALL_FAILED'
  | 'SYSTEM_CONTRACT_EMPTY'
  | 'TOO_MANY_UNCLES'
  | 'UNCLE_IN_CHAIN'
  | 'UNCLE_IS_ANCESTOR'
  | 'UNCLE_PARENT_INCORRECT'
  | 'UNKNOWN_PARENT'
  | 'UNKNOWN_PARENT_ZERO'

/** TransactionException's names that reading an envelope can meet. */
type EnvelopeRule = 'INVALID_CHAINID' | 'INVALID_SIGNATURE_VRS' | 'NONCE_IS_MAX'

export type BlockRule = `BlockException.${OwnRule}` | `TransactionException.${TransactionRule | EnvelopeRule}`

/** A block that breaks a named rule of Ethereum. */
export class BrokenRuleError extends InvalidBlockError {
  override name = 'BrokenRuleError'
  readonly rule: BlockRule

  constructor(rule: BlockRule, message: string, options?: ErrorOptions) {
    super(message, options)
    this.rule = rule
  }
}

export function brokenRule(rule: OwnRule, message: string): BrokenRuleError {
  return new BrokenRuleError(`BlockException.${rule}`, message)
}

/** The rule that an unreadable envelope breaks, by the field at fault. */
export function envelopeRule({ field, message }: TransactionError): BlockRule {
  switch (field) {
    case 'type':
      return 'TransactionException.TYPE_NOT_SUPPORTED'
    case 'chainId':
      return 'TransactionException.INVALID_CHAINID'
    case 'v':
    case 's':
    case 'signature':
      return 'TransactionException.INVALID_SIGNATURE_VRS'
    case 'nonce':
      return message.includes('at most')
        ? 'TransactionException.NONCE_IS_MAX'
        : 'BlockException.RLP_STRUCTURES_ENCODING'
    case 'authorizationList':
      return 'TransactionException.TYPE_4_EMPTY_AUTHORIZATION_LIST'
    default:
      return 'BlockException.RLP_STRUCTURES_ENCODING'
  }
}
