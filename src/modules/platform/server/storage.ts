import { runtime } from '#server/runtime.ts'
import { openDiskStorage } from './storage-disk.ts'
import type { FileStorage } from './storage-port.ts'

let opened: FileStorage | undefined

/** The storage named by STORAGE_URL. */
export function storage(): FileStorage {
  opened ??= openDiskStorage(runtime().settings.storageUrl.slice('file:'.length))
  return opened
}
