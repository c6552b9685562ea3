/** The actions of deposits from L1, with their types: part of client/index.ts. */
export {
  type DepositOpenErrorType,
  type DepositOpenParameters,
  type DepositOpenReturnType,
  depositErc20Abi,
  depositOpen,
  MissingContractError,
} from '../actions/deposit-open.ts'
