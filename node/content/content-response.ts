/**
 * What an HTTP server answers for a content: `GET /contents/0x<keccak256>`, whole or one byte range (RFC 9110,
 * section 14). A pure function of the request: any server of the rooms above mounts it. Content never changes under
 * its hash, so it may be cached for ever.
 */
import type { Hex } from 'viem'
import type { Store } from '../store/store.ts'
import { readContent } from './content-table.ts'

export type ContentRequest = {
  method: string
  /** Path of the URL, without the query. */
  path: string
  /** The Range header. */
  range: string | undefined
}

export type ContentResponse = { status: number; headers: Record<string, string>; body: Uint8Array }

const PATH = /^\/contents\/(0x[0-9a-fA-F]{64})$/
const RANGE = /^bytes=(\d{0,15})-(\d{0,15})$/

/** undefined where the path is not one of contents. */
export function contentResponse(store: Store, request: ContentRequest): ContentResponse | undefined {
  const hash = PATH.exec(request.path)?.[1]?.toLowerCase() as Hex | undefined
  if (hash === undefined) return undefined
  if (request.method !== 'GET' && request.method !== 'HEAD') return refusal(405, `${request.method} is not GET or HEAD`)
  const content = readContent(store, hash)
  if (content === undefined) return refusal(404, `content ${hash} is not held here`)
  const response = ranged(content, request.range)
  response.headers.etag = `"${hash}"`
  return request.method === 'HEAD' ? { ...response, body: new Uint8Array(0) } : response
}

function ranged(content: Uint8Array, range: string | undefined): ContentResponse {
  const headers: Record<string, string> = {
    'content-type': 'application/octet-stream',
    'accept-ranges': 'bytes',
    'cache-control': 'public, max-age=31536000, immutable',
  }
  // A range that cannot be read is ignored, as the RFC asks; one outside of the content is not.
  const span = range === undefined ? undefined : readRange(range, content.length)
  if (span === undefined) {
    return { status: 200, headers: { ...headers, 'content-length': String(content.length) }, body: content }
  }
  if (span.start >= span.end) {
    return {
      ...refusal(416, `range ${range} lies outside of ${content.length} bytes`),
      headers: { 'content-range': `bytes */${content.length}` },
    }
  }
  const body = content.subarray(span.start, span.end)
  headers['content-range'] = `bytes ${span.start}-${span.end - 1}/${content.length}`
  headers['content-length'] = String(body.length)
  return { status: 206, headers, body }
}

/** [start, end) within the content; empty where it lies outside; undefined where it is not one byte range. */
function readRange(range: string, length: number): { start: number; end: number } | undefined {
  const [, first, last] = RANGE.exec(range) ?? []
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined
  if (first === '') return { start: Math.max(0, length - Number(last)), end: length }
  return { start: Number(first), end: last === '' ? length : Math.min(length, Number(last) + 1) }
}

function refusal(status: number, message: string): ContentResponse {
  return { status, headers: { 'content-type': 'text/plain' }, body: new TextEncoder().encode(`${message}\n`) }
}
