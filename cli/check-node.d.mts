/** Least version that runs the project: major, minor. */
export declare const MINIMUM_NODE: readonly [number, number]
/** One line that says what to do, where this version is too old. */
export declare function nodeVersionError(version?: string): string | undefined
