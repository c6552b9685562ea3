/** The f32 reference kernel: what every operation of prover/kernel/f32.ts runs. No state, no imports but memory. */
export { matmul } from './product'
