/** A worker process for tests that speaks a protocol version that nobody knows. */
process.on('disconnect', () => process.exit(0))
process.send?.({ v: 999, type: 'hello', pid: process.pid })
