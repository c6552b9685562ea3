/** A MinHash as the ABI takes it: a list of exactly 32 values. */
import type { ContractFunctionArgs } from 'viem'
import type { datanetsAbi } from '../genesis/abi/datanets.ts'
import { MINHASH_SIZE } from '../protocol/minhash.ts'

type Minhash = ContractFunctionArgs<typeof datanetsAbi, 'nonpayable', 'contribute'>[4]

const isComplete = (values: readonly number[]): values is Minhash => values.length === MINHASH_SIZE

/** Throws a RangeError where there are not 32 values. */
export function minhashArgument(values: Iterable<number>): Minhash {
  const list = [...values]
  if (!isComplete(list)) throw new RangeError(`a MinHash has ${MINHASH_SIZE} values, got ${list.length}`)
  return list
}
