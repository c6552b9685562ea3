/** Outside bytes that do not follow their format; a stage turns it into a dropped frame, batch or channel, never into a stop. */
export class MalformedError extends Error {
  override name = 'MalformedError'
}
