#!/usr/bin/env node
// Entry of the command-line program: checks Node before it loads anything that an old Node cannot read.
import { nodeVersionError } from './check-node.mjs'

const error = nodeVersionError()
if (error) {
  console.error(error)
  process.exit(1)
}
const { main } = await import('./main.ts')
await main(process.argv)
