/**
 * Branded primitives: quantities and identifiers that must not be mixed. A brand costs nothing at
 * run time; a value gets it where it is parsed or computed, by the function of the same name.
 */
declare const brand: unique symbol
type Branded<T, Name extends string> = T & { readonly [brand]: Name }

/** Amount of OPEN in wei (1e-18 OPEN). */
export type Wei = Branded<bigint, 'Wei'>
export type Gas = Branded<bigint, 'Gas'>
export type DatanetId = Branded<bigint, 'DatanetId'>
export type ContributionId = Branded<bigint, 'ContributionId'>
export type ClusterId = Branded<bigint, 'ClusterId'>
export type BaseId = Branded<bigint, 'BaseId'>
export type ModelId = Branded<bigint, 'ModelId'>
export type RunId = Branded<bigint, 'RunId'>
export type VersionId = Branded<bigint, 'VersionId'>

export const Wei = (value: bigint): Wei => value as Wei
export const Gas = (value: bigint): Gas => value as Gas
export const DatanetId = (value: bigint): DatanetId => value as DatanetId
export const ContributionId = (value: bigint): ContributionId => value as ContributionId
export const ClusterId = (value: bigint): ClusterId => value as ClusterId
export const BaseId = (value: bigint): BaseId => value as BaseId
export const ModelId = (value: bigint): ModelId => value as ModelId
export const RunId = (value: bigint): RunId => value as RunId
export const VersionId = (value: bigint): VersionId => value as VersionId
