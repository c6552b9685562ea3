/** One run of the network over some tokens: what its layers share on the way forth, and on the way back. */
import type { Kernel, Panels, RotaryTables, Tensor } from '../kernel/f32.ts'
import type { ModelConfig } from './config.ts'
import type { LowRank } from './linear-layer.ts'
import type { GradientObserver } from './trainable.ts'

export type Pass = {
  readonly kernel: Kernel
  readonly config: ModelConfig
  /** Low-rank factors by the module that they change. */
  readonly factors: ReadonlyMap<string, LowRank> | undefined
  /** Copies of weights that are faster for few tokens, in the same bits (answering-weights.ts). */
  readonly panels?: ReadonlyMap<Tensor, Panels> | undefined
  readonly tokens: number
  /** Of every token, within its text. */
  readonly positions: Int32Array
  /** First key that each token may see; all from 0 if undefined. */
  readonly starts: Uint32Array | undefined
  /** They reach beyond all positions. */
  readonly tables: RotaryTables
}

/** What is wanted of the way back besides the gradients at the layers' inputs. */
export type WayBack = {
  /** Gradients that are added to, by their weight; a weight that is not there is frozen. */
  readonly gradients: ReadonlyMap<Tensor, Tensor>
  readonly observer: GradientObserver | undefined
}
