/** The development network's people: keys derived from names, so that every start finds the same ones. Worth nothing anywhere else. */
import { keccak256, stringToBytes } from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'

/** Keys for a development network only: anybody can compute them. */
export function developmentKey(name: string): `0x${string}` {
  return keccak256(stringToBytes(`openledger development network: ${name}`))
}

export function developmentAccount(name: string): PrivateKeyAccount {
  return privateKeyToAccount(developmentKey(name))
}

/** Whose key the verifier signs output roots with, and challenges wrong ones. */
export const OUTPUT_VALIDATOR = 'output-validator'

/** Who acts on L1 and runs the chain. Each pays its own L1 gas; the deployer holds all OPEN at first. */
export function operatorAccounts() {
  return {
    deployer: developmentAccount('deployer'),
    batcher: developmentAccount('batcher'),
    proposer: developmentAccount('proposer'),
    sequencer: developmentAccount('sequencer'),
    outputValidator: developmentAccount(OUTPUT_VALIDATOR),
  }
}

/** The story's roles besides its contributors. */
export const CAST = {
  curator: 'datanet owner',
  builder: 'model owner',
  prover: 'prover',
  application: 'application',
  developer: 'developer',
  copier: 'copier',
} as const

export type Cast = Record<keyof typeof CAST, PrivateKeyAccount> & {
  validators: PrivateKeyAccount[]
  contributors: PrivateKeyAccount[]
}

export function castOfStory(counts: { contributors: number; validators: number }): Cast {
  const named = (role: string, count: number) =>
    Array.from({ length: count }, (_, index) => developmentAccount(`${role} ${index}`))
  return {
    curator: developmentAccount(CAST.curator),
    builder: developmentAccount(CAST.builder),
    prover: developmentAccount(CAST.prover),
    application: developmentAccount(CAST.application),
    developer: developmentAccount(CAST.developer),
    copier: developmentAccount(CAST.copier),
    validators: named('validator', counts.validators),
    contributors: named('contributor', counts.contributors),
  }
}
