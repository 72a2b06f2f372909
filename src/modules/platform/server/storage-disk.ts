import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { assertStorageKey, TooLargeError, type FileStorage } from './storage-port.ts'

/** Half-written files lie here until they are renamed; what is left over after a crash is swept. */
const draftsFolder = '.drafts'

/** Network chunks are small; writing them together spares a turn of the event loop for each. */
const writeBytes = 1024 * 1024

/** Files below one folder of this machine. */
export function openDiskStorage(folder: string): FileStorage {
  const root = path.resolve(folder)
  const fileOf = (key: string) => {
    assertStorageKey(key)
    return path.join(root, key)
  }
  return {
    async put(key, source, limitBytes) {
      const target = fileOf(key)
      const draft = path.join(root, draftsFolder, randomUUID())
      await mkdir(path.dirname(draft), { recursive: true, mode: 0o700 })
      const file = await open(draft, 'wx', 0o600)
      try {
        const hash = createHash('sha256')
        let byteSize = 0
        let waiting: Uint8Array[] = []
        let waitingBytes = 0
        // A single write() may take only a part of what it is given; appendFile() goes on until all is written.
        const flush = async () => {
          await file.appendFile(Buffer.concat(waiting))
          waiting = []
          waitingBytes = 0
        }
        for await (const chunk of source) {
          byteSize += chunk.byteLength
          if (byteSize > limitBytes) throw new TooLargeError(`More than ${limitBytes} bytes`)
          hash.update(chunk)
          waiting.push(chunk)
          waitingBytes += chunk.byteLength
          if (waitingBytes >= writeBytes) await flush()
        }
        await flush()
        await file.sync()
        await file.close()
        const made = await mkdir(path.dirname(target), { recursive: true, mode: 0o700 })
        await rename(draft, target)
        await syncFolders(path.dirname(target), made === undefined ? undefined : path.dirname(made))
        return { byteSize, sha256: hash.digest('hex') }
      } catch (error) {
        await file.close().catch(() => undefined)
        await rm(draft, { force: true })
        throw error
      }
    },

    async read(key, range) {
      const file = fileOf(key)
      const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined
        throw error
      })
      if (!found?.isFile()) return undefined
      return {
        stream: createReadStream(file, { ...range, highWaterMark: 256 * 1024 }),
        byteSize: found.size,
      }
    },

    async remove(key) {
      await rm(fileOf(key), { force: true })
    },

    async list(prefix, most) {
      const found: { key: string; byteSize: number; modifiedAt: Date }[] = []
      await walk(path.join(root, prefix), most, found, root)
      return found
    },

    async removeDrafts(before) {
      const found: { key: string; byteSize: number; modifiedAt: Date }[] = []
      await walk(path.join(root, draftsFolder), 10_000, found, root)
      const old = found.filter((draft) => draft.modifiedAt < before)
      for (const draft of old) await rm(path.join(root, draft.key), { force: true })
      return old.length
    },
  }
}

/** A renamed file survives a power cut only when its folder was synced too; a new folder, when the one it lies in was. */
async function syncFolders(folder: string, upTo = folder): Promise<void> {
  await syncFolder(folder)
  if (folder !== upTo && folder !== path.dirname(folder))
    await syncFolders(path.dirname(folder), upTo)
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return // there, folders cannot be opened
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function walk(
  folder: string,
  most: number,
  found: { key: string; byteSize: number; modifiedAt: Date }[],
  root: string,
) {
  const entries = await readdir(folder, { withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    },
  )
  for (const entry of entries) {
    if (found.length >= most) return
    if (folder === root && entry.name === draftsFolder) continue
    const full = path.join(folder, entry.name)
    if (entry.isDirectory()) await walk(full, most, found, root)
    else {
      const file = await stat(full).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined // removed or renamed meanwhile
        throw error
      })
      if (file)
        found.push({
          key: path.relative(root, full).split(path.sep).join('/'),
          byteSize: file.size,
          modifiedAt: file.mtime,
        })
    }
  }
}
