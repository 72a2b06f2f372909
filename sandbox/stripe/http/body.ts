import type { IncomingMessage } from 'node:http'

const MAX_BYTES = 1_048_576

/** Reads a request's body as UTF-8; stops at 1 MB and says so. */
export async function readBody(
  incoming: IncomingMessage,
): Promise<{ text: string; isTooLarge: boolean }> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of incoming) {
    // A stream without an encoding yields buffers.
    const buffer = chunk as Buffer
    bytes += buffer.length
    if (bytes > MAX_BYTES) return { text: '', isTooLarge: true }
    chunks.push(buffer)
  }
  return { text: Buffer.concat(chunks).toString('utf8'), isTooLarge: false }
}
