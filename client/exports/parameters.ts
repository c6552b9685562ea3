/** The actions of Parameters (native contract 06), with their types: part of client/index.ts. */
export {
  type GetGovernorErrorType,
  type GetGovernorParameters,
  type GetGovernorReturnType,
  getGovernor,
} from '../actions/get-governor.ts'
export {
  type GetParameterErrorType,
  type GetParameterParameters,
  type GetParameterReturnType,
  getParameter,
} from '../actions/get-parameter.ts'
export {
  type SetParameterErrorType,
  type SetParameterParameters,
  type SetParameterReturnType,
  setParameter,
} from '../actions/set-parameter.ts'
