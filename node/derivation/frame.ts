/**
 * Frames: the pieces of a channel that a batcher transaction carries (specs.optimism.io, "Derivation", Frame Format).
 *
 *   batcher payload = 0x00 ‖ frame ‖ frame …
 *   frame = channel id (16) ‖ number (u16) ‖ length (u32) ‖ data (length) ‖ is_last (0 or 1)
 */
import { bytesToHex, type Hex, hexToBytes } from 'viem'
import { DERIVATION_VERSION_0, FRAME_OVERHEAD, MAX_FRAME_LEN } from './constants.ts'
import { MalformedError } from './malformed.ts'

export type Frame = {
  /** 16 bytes. */
  channel: Hex
  number: number
  data: Uint8Array
  isLast: boolean
}

export function encodeFrame(frame: Frame): Uint8Array {
  const bytes = new Uint8Array(FRAME_OVERHEAD + frame.data.length)
  const view = new DataView(bytes.buffer)
  bytes.set(hexToBytes(frame.channel), 0)
  view.setUint16(16, frame.number)
  view.setUint32(18, frame.data.length)
  bytes.set(frame.data, 22)
  bytes[22 + frame.data.length] = frame.isLast ? 1 : 0
  return bytes
}

/** Payload of a batcher transaction (or of one blob) with these frames. */
export function encodeFrames(frames: Frame[]): Uint8Array {
  return Buffer.concat([Uint8Array.of(DERIVATION_VERSION_0), ...frames.map(encodeFrame)])
}

/**
 * Frames of a batcher transaction's payload: at least one, with nothing left over. One bad frame refuses them all.
 * Throws {@link MalformedError}.
 */
export function decodeFrames(payload: Uint8Array): Frame[] {
  if (payload[0] !== DERIVATION_VERSION_0)
    throw new MalformedError(`batcher payload has version ${payload[0] ?? 'none'}, not ${DERIVATION_VERSION_0}`)
  const frames: Frame[] = []
  let at = 1
  while (at < payload.length) {
    const frame = decodeFrame(payload, at)
    frames.push(frame)
    at += FRAME_OVERHEAD + frame.data.length
  }
  if (frames.length === 0) throw new MalformedError('batcher payload holds no frame')
  return frames
}

function decodeFrame(payload: Uint8Array, at: number): Frame {
  if (at + FRAME_OVERHEAD > payload.length) throw new MalformedError(`frame at byte ${at} is cut off`)
  const view = new DataView(payload.buffer, payload.byteOffset + at, payload.length - at)
  const length = view.getUint32(18)
  if (length > MAX_FRAME_LEN)
    throw new MalformedError(`frame at byte ${at} claims ${length} bytes, above ${MAX_FRAME_LEN}`)
  if (at + FRAME_OVERHEAD + length > payload.length)
    throw new MalformedError(`data of the frame at byte ${at} is cut off`)
  const last = payload[at + 22 + length]!
  if (last > 1) throw new MalformedError(`frame at byte ${at} has is_last ${last}`)
  return {
    channel: bytesToHex(payload.subarray(at, at + 16)),
    number: view.getUint16(16),
    data: payload.subarray(at + 22, at + 22 + length),
    isLast: last === 1,
  }
}
