/**
 * A native contract's face: how its errors, events, calldata and answers are coded, all from its ABI
 * (genesis/abi). Calldata must be the one canonical encoding of its arguments: what decodes and encodes
 * back to other bytes (dirty padding, shared offsets, bytes left over, broken UTF-8) is refused.
 */
import {
  type Abi,
  type AbiEvent,
  type AbiFunction,
  type AbiParameter,
  type AbiStateMutability,
  type ContractErrorArgs,
  type ContractErrorName,
  type ContractEventName,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type ContractFunctionReturnType,
  encodeAbiParameters,
  type GetEventArgs,
  type Hex,
  toEventSelector,
  toFunctionSelector,
} from 'viem'
import { formatAbiItem } from 'viem/utils'
import type { Address } from '../../../genesis/addresses.ts'
import { GAS } from '../../../genesis/gas.ts'
import { argumentDecoder } from './calldata.ts'
import type { CallContext } from './context.ts'
import { errorData, invalidField, NativeRevert } from './revert.ts'
import { wordEncoder } from './word-encoder.ts'

type AbiError = Extract<Abi[number], { type: 'error' }>

export type EventArgs<abi extends Abi, name extends ContractEventName<abi>> = GetEventArgs<
  abi,
  name,
  { EnableUnion: false; IndexedOnly: false; Required: true }
>

/** One function per ABI function; arguments and answers as viem types them. */
export type Handlers<abi extends Abi> = {
  [name in ContractFunctionName<abi>]: (
    context: CallContext,
    args: ContractFunctionArgs<abi, AbiStateMutability, name>,
  ) => ContractFunctionReturnType<abi, AbiStateMutability, name>
}

export type NativeFace<abi extends Abi> = {
  address: Address
  abi: abi
  /** A named error of the ABI, to be thrown. */
  error<name extends ContractErrorName<abi>>(
    name: name,
    args: ContractErrorArgs<abi, name> & readonly unknown[],
  ): NativeRevert
  /** Logs a named event of the ABI. */
  emit<name extends ContractEventName<abi>>(context: CallContext, name: name, args: EventArgs<abi, name>): void
}

/** Answers calldata: the returned bytes, ABI-encoded. */
export type NativeContract = { address: Address; answer(context: CallContext): Uint8Array }

export function nativeFace<const abi extends Abi>(address: Address, abi: abi): NativeFace<abi> {
  const events = new Map(
    abi.filter((item): item is AbiEvent => item.type === 'event').map((item) => [item.name, eventShape(item)]),
  )
  const errors = new Map(
    abi
      .filter((item): item is AbiError => item.type === 'error')
      .map((item) => [item.name, { selector: toFunctionSelector(formatAbiItem(item)), inputs: item.inputs }]),
  )
  return {
    address,
    abi,
    error: (errorName, args) => new NativeRevert(errorName, errorData(errors.get(errorName)!, args)),
    emit: (context, name, args) => {
      const values = args as Record<string, unknown>
      const shape = events.get(name)!
      const topics = shape.indexed.map((input) => topicOf(context, input, values[input.name]))
      const data = shape.encode(shape.data.map((input) => values[input.name!]))
      context.log({ address, topics: [shape.selector, ...topics], data })
    },
  }
}

/** Joins a face with its functions. */
export function nativeContract<const abi extends Abi>(face: NativeFace<abi>, handlers: Handlers<abi>): NativeContract {
  const functions = new Map(
    face.abi
      .filter((item): item is AbiFunction => item.type === 'function')
      .map((item) => [toFunctionSelector(item), { item, decode: argumentDecoder(item.inputs) }]),
  )
  const table = new Map<string, (context: CallContext, args: readonly unknown[]) => unknown>(Object.entries(handlers))
  return {
    address: face.address,
    answer(context) {
      const { data, value } = context.call
      context.charge(GAS.dispatch)
      context.chargeWords(GAS.calldataWord, data.length)
      const selector = hexOf(data.subarray(0, 4))
      const found = functions.get(selector)
      if (!found) throw invalidField('calldata', `unknown function selector ${selector}`)
      const { item, decode } = found
      if (value > 0n && item.stateMutability !== 'payable')
        throw invalidField('value', `${item.name} is not payable, got ${value} wei`)
      const args = decode(data.subarray(4))
      if (!args) throw invalidField('calldata', `not the canonical ABI encoding of the arguments of ${item.name}`)
      const answer = table.get(item.name)!(context, args)
      return encodeAnswer(context, item.outputs, answer)
    },
  }
}

type Encoder = (values: readonly unknown[]) => Uint8Array
type Indexed = { name: string; encode: Encoder | undefined }
type EventShape = { selector: Hex; indexed: Indexed[]; data: readonly AbiParameter[]; encode: Encoder }

function eventShape(item: AbiEvent): EventShape {
  const data = item.inputs.filter((input) => !input.indexed)
  const indexed = item.inputs
    .filter((input) => input.indexed)
    .map((input) => ({ name: input.name!, encode: input.type === 'bytes' ? undefined : wordEncoder([input]) }))
  return { selector: toEventSelector(item), indexed, data, encode: encoderOf(data) }
}

function encoderOf(parameters: readonly AbiParameter[]): Encoder {
  return wordEncoder(parameters) ?? ((values) => bytesOf(encodeAbiParameters(parameters, values)))
}

/** An indexed value: its word, or a text's hash. */
function topicOf(context: CallContext, { encode }: Indexed, value: unknown): Hex {
  return hexOf(encode ? encode([value]) : context.keccak(new TextEncoder().encode(String(value))))
}

function encodeAnswer(context: CallContext, outputs: readonly AbiParameter[], answer: unknown): Uint8Array {
  if (outputs.length === 0) return new Uint8Array(0)
  const values = outputs.length === 1 ? [answer] : (answer as readonly unknown[])
  const encoded = bytesOf(encodeAbiParameters(outputs, values))
  context.chargeWords(GAS.returnWord, encoded.length)
  return encoded
}

/** An address as the ABI decodes it (checksummed), in the lower case that structures hold. */
export function plainAddress(address: Address): Address {
  return address.toLowerCase() as Address
}

export function hexOf(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')}`
}

export function bytesOf(hex: Hex): Uint8Array {
  return new Uint8Array(Buffer.from(hex.slice(2), 'hex'))
}
