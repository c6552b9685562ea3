/** What an answer costs. Prices stand on chain, in wei per 1,000 tokens of the protocol's tokenizer. */

const PER = 1000n

/** Wei per 1,000 tokens. */
export type Prices = { pricePer1kIn: bigint; pricePer1kOut: bigint }

/** Wei, rounded up. */
export function answerFee(tokens: { prompt: number; output: number }, prices: Prices): bigint {
  const sum = BigInt(tokens.prompt) * prices.pricePer1kIn + BigInt(tokens.output) * prices.pricePer1kOut
  return (sum + PER - 1n) / PER
}
