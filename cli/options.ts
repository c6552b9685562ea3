/** Parsers of command-line values: each names the option, the value and what it must be. */
import { readFileSync } from 'node:fs'
import { InvalidArgumentError } from 'commander'
import { type ChainConfig, ChainConfigError, parseChainConfig } from '../genesis/chain-config.ts'
import { UserError } from './user-error.ts'

export function parsePort(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new InvalidArgumentError(`must be a port from 0 to 65535, got ${JSON.stringify(text)}.`)
  return port
}

export function parsePositiveInteger(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < 1 || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError(`must be a whole number of at least 1, got ${JSON.stringify(text)}.`)
  }
  return value
}

export function parseUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new InvalidArgumentError(`must be an http or https URL, got ${JSON.stringify(text)}.`)
  }
  return text.replace(/\/$/, '')
}

export function parseAddress(text: string): `0x${string}` {
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) {
    throw new InvalidArgumentError(`must be an address, 0x and 40 hexadecimal digits, got ${JSON.stringify(text)}.`)
  }
  return text.toLowerCase() as `0x${string}`
}

/** For options that may be given several times. */
export const collect =
  <T>(parse: (text: string) => T) =>
  (text: string, previous: T[] = []): T[] => [...previous, parse(text)]

/** `source` names the file in messages: the option that it came by. */
export function readChainConfig(path: string, source = '--chain'): ChainConfig {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new UserError(`${source}: cannot read ${path}: ${(error as Error).message}`)
  }
  try {
    return parseChainConfig(text)
  } catch (error) {
    if (error instanceof ChainConfigError) throw new UserError(`${source} ${path}: ${error.message}`)
    throw error
  }
}

/** A private key from a file that holds 0x and 64 hexadecimal digits: keys do not belong on a command line. */
export function readKey(option: string, path: string): `0x${string}` {
  let text: string
  try {
    text = readFileSync(path, 'utf8').trim()
  } catch (error) {
    throw new UserError(`${option}: cannot read ${path}: ${(error as Error).message}`)
  }
  if (!/^0x[0-9a-fA-F]{64}$/.test(text))
    throw new UserError(`${option}: ${path} must hold a private key, 0x and 64 hexadecimal digits`)
  return text as `0x${string}`
}

export function parsePattern(text: string): RegExp {
  try {
    return new RegExp(text)
  } catch (error) {
    throw new InvalidArgumentError(`must be a regular expression: ${(error as Error).message}`)
  }
}
