/**
 * GPT-2's alphabet for bytes, in which byte-level tokenizer.json files spell their tokens: a printable Latin-1
 * character stands for its own byte, and the other 68 bytes are, in order, the code points from 256 on (a space is "Ġ",
 * a line feed "Ċ").
 */

const isPrintable = (byte: number) =>
  (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff)

const CHARACTERS: readonly string[] = (() => {
  let next = 256
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrintable(byte) ? byte : next++))
})()

export const spellBytes = (bytes: Iterable<number>): string => {
  let text = ''
  for (const byte of bytes) text += CHARACTERS[byte]!
  return text
}
