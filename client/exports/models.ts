/** The actions of Models (native contract 02), with their types: part of client/index.ts. */
export {
  type AttestQualityErrorType,
  type AttestQualityParameters,
  type AttestQualityReturnType,
  attestQuality,
} from '../actions/attest-quality.ts'
export {
  type AttestVersionErrorType,
  type AttestVersionParameters,
  type AttestVersionReturnType,
  attestVersion,
} from '../actions/attest-version.ts'
export {
  type CreateModelErrorType,
  type CreateModelParameters,
  type CreateModelReturnType,
  createdModel,
  createModel,
} from '../actions/create-model.ts'
export {
  type DrawQualityErrorType,
  type DrawQualityParameters,
  type DrawQualityReturnType,
  drawQuality,
} from '../actions/draw-quality.ts'
export {
  type FlagUnreplayableErrorType,
  type FlagUnreplayableParameters,
  type FlagUnreplayableReturnType,
  flagUnreplayable,
} from '../actions/flag-unreplayable.ts'
export { type GetBaseErrorType, type GetBaseParameters, type GetBaseReturnType, getBase } from '../actions/get-base.ts'
export {
  type GetBaseCountErrorType,
  type GetBaseCountParameters,
  type GetBaseCountReturnType,
  getBaseCount,
} from '../actions/get-base-count.ts'
export {
  type GetLineageErrorType,
  type GetLineageParameters,
  type GetLineageReturnType,
  getLineage,
} from '../actions/get-lineage.ts'
export {
  type GetModelErrorType,
  type GetModelParameters,
  type GetModelReturnType,
  getModel,
} from '../actions/get-model.ts'
export {
  type GetModelCountErrorType,
  type GetModelCountParameters,
  type GetModelCountReturnType,
  getModelCount,
} from '../actions/get-model-count.ts'
export {
  type GetPricesErrorType,
  type GetPricesParameters,
  type GetPricesReturnType,
  getPrices,
} from '../actions/get-prices.ts'
export {
  type GetQualityErrorType,
  type GetQualityParameters,
  type GetQualityReturnType,
  getQuality,
} from '../actions/get-quality.ts'
export {
  type GetQualitySeedErrorType,
  type GetQualitySeedParameters,
  type GetQualitySeedReturnType,
  getQualitySeed,
} from '../actions/get-quality-seed.ts'
export { type GetRunErrorType, type GetRunParameters, type GetRunReturnType, getRun } from '../actions/get-run.ts'
export {
  type GetRunCountErrorType,
  type GetRunCountParameters,
  type GetRunCountReturnType,
  getRunCount,
} from '../actions/get-run-count.ts'
export { type GetStepErrorType, type GetStepParameters, type GetStepReturnType, getStep } from '../actions/get-step.ts'
export {
  type GetStepCountErrorType,
  type GetStepCountParameters,
  type GetStepCountReturnType,
  getStepCount,
} from '../actions/get-step-count.ts'
export {
  type GetVersionErrorType,
  type GetVersionParameters,
  type GetVersionReturnType,
  getVersion,
} from '../actions/get-version.ts'
export {
  type GetVersionCountErrorType,
  type GetVersionCountParameters,
  type GetVersionCountReturnType,
  getVersionCount,
} from '../actions/get-version-count.ts'
export {
  type GetVersionStandingErrorType,
  type GetVersionStandingParameters,
  type GetVersionStandingReturnType,
  getVersionStanding,
} from '../actions/get-version-standing.ts'
export {
  type HasAttestedErrorType,
  type HasAttestedParameters,
  type HasAttestedReturnType,
  hasAttested,
} from '../actions/has-attested.ts'
export {
  type IsUnreplayableErrorType,
  type IsUnreplayableParameters,
  type IsUnreplayableReturnType,
  isUnreplayable,
} from '../actions/is-unreplayable.ts'
export {
  type IsVersionLiveErrorType,
  type IsVersionLiveParameters,
  type IsVersionLiveReturnType,
  isVersionLive,
} from '../actions/is-version-live.ts'
export {
  type OpenRunErrorType,
  type OpenRunParameters,
  type OpenRunReturnType,
  openedRun,
  openRun,
} from '../actions/open-run.ts'
export {
  type OpenRunOnErrorType,
  type OpenRunOnParameters,
  type OpenRunOnReturnType,
  openRunOn,
} from '../actions/open-run-on.ts'
export {
  type PublishVersionErrorType,
  type PublishVersionParameters,
  type PublishVersionReturnType,
  publishedVersion,
  publishVersion,
} from '../actions/publish-version.ts'
export {
  type ReclaimVersionBondErrorType,
  type ReclaimVersionBondParameters,
  type ReclaimVersionBondReturnType,
  reclaimVersionBond,
} from '../actions/reclaim-version-bond.ts'
export {
  type RecordQualityErrorType,
  type RecordQualityParameters,
  type RecordQualityReturnType,
  recordQuality,
} from '../actions/record-quality.ts'
export {
  type RecordStepErrorType,
  type RecordStepParameters,
  type RecordStepReturnType,
  recordStep,
} from '../actions/record-step.ts'
export {
  type RegisterBaseErrorType,
  type RegisterBaseParameters,
  type RegisterBaseReturnType,
  registerBase,
  registeredBase,
} from '../actions/register-base.ts'
export {
  type RetireVersionErrorType,
  type RetireVersionParameters,
  type RetireVersionReturnType,
  retireVersion,
} from '../actions/retire-version.ts'
export {
  type SetPricesErrorType,
  type SetPricesParameters,
  type SetPricesReturnType,
  setPrices,
} from '../actions/set-prices.ts'
export {
  type StepsAtPublicationErrorType,
  type StepsAtPublicationParameters,
  type StepsAtPublicationReturnType,
  stepsAtPublication,
} from '../actions/steps-at-publication.ts'
