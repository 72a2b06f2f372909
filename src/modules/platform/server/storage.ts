import { buffer } from 'node:stream/consumers'
import { runtime } from '#server/runtime.ts'
import { readStorageAddress } from '#server/storage-address.ts'
import { newId } from '../ids.ts'
import { openDiskStorage } from './storage-disk.ts'
import { StorageUnavailableError, type FileStorage } from './storage-port.ts'
import { openS3Storage } from './storage-s3.ts'

let opened: { readonly url: string; readonly storage: FileStorage } | undefined

/** The storage named by STORAGE_URL. */
export function storage(): FileStorage {
  const url = runtime().settings.storageUrl
  if (opened?.url === url) return opened.storage
  const address = readStorageAddress(url)
  const fresh = address.kind === 'disk' ? openDiskStorage(address.folder) : openS3Storage(address)
  opened = { url, storage: fresh }
  return fresh
}

/** Where files are kept, for the owner's eyes: no keys, no secrets. */
export function storagePlace(): { readonly kind: 'disk' | 's3'; readonly words: string } {
  const address = readStorageAddress(runtime().settings.storageUrl)
  return address.kind === 'disk'
    ? { kind: 'disk', words: address.folder }
    : { kind: 's3', words: `${address.bucket}/${address.prefix} at ${address.host}` }
}

/** First part of the keys of what checkStorage() writes; swept like all other folders. */
export const storageCheckFolder = 'checks'

export type StorageCheck =
  | { readonly ok: true }
  /** words: for the owner. */
  | { readonly ok: false; readonly reason: 'silent' | 'refused' | 'broken'; readonly words: string }

/** Writes a few bytes, reads them back, removes them: whether files can be kept right now, and if not, why. */
export async function checkStorage(): Promise<StorageCheck> {
  const id = newId()
  const key = `${storageCheckFolder}/${id.slice(-2)}/${id}`
  try {
    const files = storage()
    await files.put(
      key,
      (async function* () {
        yield Buffer.from(id)
      })(),
      1_000,
    )
    const stored = await files.read(key)
    const text = stored && (await buffer(stored.stream)).toString()
    await files.remove(key)
    if (text === id) return { ok: true }
    return {
      ok: false,
      reason: 'broken',
      words: 'What is written to the store of files does not come back as it was written.',
    }
  } catch (error) {
    if (error instanceof StorageUnavailableError)
      return { ok: false, reason: error.reason, words: error.message }
    const code = (error as NodeJS.ErrnoException).code
    return {
      ok: false,
      reason: 'broken',
      words:
        code === undefined
          ? `The store of files does not work: ${error instanceof Error ? error.message : String(error)}`
          : `Files cannot be written to ${storagePlace().words} (${code}).`,
    }
  }
}
