import { discardBytes, storage, storeBytes, TooLargeError } from '#modules/platform/server/index.ts'
import { cleanFileName, fileTypeOf } from '../file-name.ts'
import { mostPdfBytes, pdfPageCount } from '../pdf-pages.ts'
import { contentLimits } from '../types.ts'
import type { ReceivedFile } from './contents.ts'

/** First part of the storage keys of what is sold. */
export const downloadFolder = 'downloads'

export type ReceiveFileResult =
  | { readonly ok: true; readonly file: ReceivedFile }
  | { readonly ok: false; readonly reason: 'too_large' | 'empty' }

/**
 * Takes an uploaded file into storage as it arrives; never more than a few chunks are in memory. givenName: as the
 * browser told it. Hand the result to addFile(), or to discardFile(). An upload that breaks off throws what the
 * connection threw and leaves nothing.
 */
export async function receiveFile(
  source: AsyncIterable<Uint8Array>,
  givenName: string,
): Promise<ReceiveFileResult> {
  const fileName = cleanFileName(givenName)
  try {
    const bytes = await storeBytes({
      folder: downloadFolder,
      extension: '',
      fileName,
      mediaType: fileTypeOf(fileName).mediaType,
      source,
      limitBytes: contentLimits.fileBytes,
    })
    const file = { bytes, pageCount: await pagesOf(bytes.key, fileName, bytes.byteSize) }
    if (bytes.byteSize > 0) return { ok: true, file }
    await discardFile(file)
    return { ok: false, reason: 'empty' }
  } catch (error) {
    if (error instanceof TooLargeError) return { ok: false, reason: 'too_large' }
    throw error
  }
}

/** Removes a received file that found no place. */
export async function discardFile(file: ReceivedFile): Promise<void> {
  await discardBytes([file.bytes.key])
}

async function pagesOf(
  key: string,
  fileName: string,
  byteSize: number,
): Promise<number | undefined> {
  if (!/\.pdf$/i.test(fileName) || byteSize > mostPdfBytes) return undefined
  const stored = await storage().read(key)
  if (!stored) return undefined
  const chunks: Uint8Array[] = []
  for await (const chunk of stored.stream) chunks.push(chunk as Uint8Array)
  return pdfPageCount(Buffer.concat(chunks))
}
