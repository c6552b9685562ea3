/**
 * This repository as a browser can load it: on 127.0.0.1, TypeScript with its types stripped, isolated from other origins so that
 * memory can be shared. A file may import others and the packages of PACKAGES; Node's own modules are not there, and a
 * file that asks for one is an error in the browser.
 */
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { stripTypeScriptTypes } from 'node:module'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const ROOT = new URL('../../', import.meta.url)
/** What packages give a browser. */
const PACKAGES: Record<string, string> = {
  zod: '/node_modules/zod/index.js',
  'hash-wasm': '/node_modules/hash-wasm/dist/index.esm.js',
}
const TYPES: Record<string, string> = { html: 'text/html', wasm: 'application/wasm' }

export type ModuleServer = {
  url: string
  /** What a page posts to /report first. */
  report: Promise<string>
  close(): Promise<void>
}

export async function startModuleServer(): Promise<ModuleServer> {
  const { promise: report, resolve } = Promise.withResolvers<string>()
  const server = createServer((request, response) => {
    answer(request, response, resolve).catch((error: unknown) => {
      response.statusCode = 404
      response.end(String(error))
      // The browser itself only says that a module did not load.
      if (request.url!.endsWith('.ts')) resolve(JSON.stringify({ error: String(error) }))
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    report,
    close: async () => {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  reported: (report: string) => void,
): Promise<void> {
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin')
  response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp')
  const { pathname } = new URL(request.url!, 'http://127.0.0.1')
  if (pathname === '/report') {
    reported(await text(request))
    response.end()
    return
  }
  const ending = pathname.split('.').at(-1)!
  const url = new URL(`.${pathname}`, ROOT)
  response.setHeader('Content-Type', TYPES[ending] ?? 'text/javascript')
  response.end(ending === 'ts' ? await scriptOf(url) : await readFile(url))
}

async function scriptOf(url: URL): Promise<string> {
  const script = stripTypeScriptTypes(await readFile(url, 'utf8'), { sourceUrl: fileURLToPath(url) })
  return script.replaceAll(/(?<=^(?:import|export|\}) [^'\n]*from ')[^.'][^']*(?=')/gm, (name) => {
    const path = PACKAGES[name]
    if (!path) throw new Error(`${url.pathname} imports ${name}, which browsers do not have`)
    return path
  })
}
