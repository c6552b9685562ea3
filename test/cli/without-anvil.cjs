// Loaded before the program (node --require): the optional package of anvil is not installed, as far as it can see.
const Module = require('node:module')

const resolve = Module._resolveFilename
Module._resolveFilename = function (request, ...rest) {
  if (!request.startsWith('@foundry-rs/anvil')) return resolve.call(this, request, ...rest)
  throw Object.assign(new Error(`Cannot find module '${request}'`), { code: 'MODULE_NOT_FOUND' })
}
