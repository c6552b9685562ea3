/**
 * Functions of one double by the kernel's own polynomials, for what is computed once: frequencies, schedules, scales.
 * Plain +, −, ·, / of JavaScript are IEEE doubles too; Math.exp and the like are not the same on every engine.
 */
import type { Kernel } from './kernel.ts'

/** e^x within 2 ulp; 0 below −708, Infinity above 709. */
export function exponential(kernel: Kernel, x: number): number {
  return kernel.exports.exponential(x)
}

/** ln x within 3 ulp, or 2⁻⁵³ near 1; −Infinity of 0, NaN of negatives. */
export function logarithm(kernel: Kernel, x: number): number {
  return kernel.exports.logarithm(x)
}

/** base^exponent of a positive base, by e^(exponent·ln base): off by some |exponent·ln base| ulp. */
export function power(kernel: Kernel, base: number, exponent: number): number {
  return kernel.exports.exponential(exponent * kernel.exports.logarithm(base))
}

/** sin x, off by at most 2⁻⁵²; NaN beyond 2²² radians. */
export function sine(kernel: Kernel, x: number): number {
  return kernel.exports.sine(x)
}

/** cos x, off by at most 2⁻⁵²; NaN beyond 2²² radians. */
export function cosine(kernel: Kernel, x: number): number {
  return kernel.exports.cosine(x)
}

/** √x, correctly rounded; NaN of negatives. */
export function squareRoot(kernel: Kernel, x: number): number {
  return kernel.exports.squareRoot(x)
}
