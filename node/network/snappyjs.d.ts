/** The part of snappyjs that compression.ts uses; the package ships no types. */
declare module 'snappyjs' {
  export function compress(bytes: Uint8Array): Uint8Array
}
