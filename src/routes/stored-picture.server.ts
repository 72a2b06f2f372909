import { Readable } from 'node:stream'
import { log, storage, StorageUnavailableError } from '#modules/platform/server/index.ts'

/**
 * Answers with a picture as it is stored. When it cannot be read, nothing that a browser or a proxy keeps is said: its
 * address would otherwise stay broken after the store is back.
 */
export async function storedPicture(
  file: { readonly key: string; readonly byteSize: number },
  headers: Headers,
): Promise<Response> {
  const stored = await storage()
    .read(file.key)
    .catch((error: unknown) => {
      if (!(error instanceof StorageUnavailableError)) throw error
      log.error({ reason: error.reason }, error.message)
      return 'unreachable' as const
    })
  if (stored !== 'unreachable' && stored?.byteSize === file.byteSize)
    // The two types of web streams, Node's and the DOM's, are the same thing.
    return new Response(Readable.toWeb(stored.stream) as ReadableStream, { headers })
  if (stored !== 'unreachable') {
    stored?.stream.destroy()
    log.error({ key: file.key }, 'The bytes of a picture are missing or of another length')
  }
  return new Response('This picture cannot be read right now.\n', {
    status: 503,
    headers: {
      'cache-control': 'no-store',
      'content-type': 'text/plain; charset=utf-8',
      'retry-after': '60',
    },
  })
}
