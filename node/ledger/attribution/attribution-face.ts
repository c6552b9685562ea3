/** Attribution's face. */
import { attributionAbi } from '../../../genesis/abi/attribution.ts'
import { NATIVE } from '../../../genesis/addresses.ts'
import { type Handlers, nativeFace } from '../calls/face.ts'

export const face = nativeFace(NATIVE.attribution, attributionAbi)
export type AttributionHandlers = Handlers<typeof attributionAbi>
