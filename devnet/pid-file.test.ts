/** When a process is gone that an earlier start has left running. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { hasEnded } from './pid-file.ts'

/** Much memory to give back: the longer a process takes to end, the later its port is free. */
const LISTENER = `
  const memory = Buffer.alloc(300e6, 1)
  const server = require('net').createServer().listen(0, '127.0.0.1', () => console.log(server.address().port))
`

describe('hasEnded', () => {
  it('says so when the port of the process is free, not when its command line is gone', async () => {
    for (let round = 0; round < 5; round++) {
      const child = spawn(process.execPath, ['-e', LISTENER], { stdio: ['ignore', 'pipe', 'inherit'] })
      const [port] = (await once(child.stdout, 'data')) as [Buffer]
      expect(hasEnded(child.pid!, 'Buffer.alloc')).toBe(false)
      child.kill('SIGTERM')
      // Without a pause: the time in between is what the test is about.
      while (!hasEnded(child.pid!, 'Buffer.alloc'));
      const server = createServer().listen(Number(port), '127.0.0.1')
      await once(server, 'listening')
      server.close()
    }
  })
})
