import { checkStorage, log, runtime, storagePlace } from '#modules/platform/server/index.ts'

/** The program cannot start as it is set up. The message is for the person who starts it. */
export class StartRefusedError extends Error {
  override name = 'StartRefusedError'
}

/**
 * Whether files can be kept where STORAGE_URL says, asked before anything is kept. A store that refuses the shop, or loses what it
 * is given, is a mistake of the set-up: throws StartRefusedError. One that is silent may be back in a minute, and all pages work
 * without it: the shop opens and says so in the log.
 */
export async function openFileStore(): Promise<void> {
  const check = await checkStorage()
  const place = storagePlace()
  if (!check.ok && check.reason !== 'silent') throw new StartRefusedError(check.words)
  if (!check.ok)
    log.warn({ place: place.words }, `${check.words} The shop opens without its files.`)
  if (place.kind === 'disk' && runtime().databaseKind === 'server')
    log.warn(
      { place: place.words },
      'Files lie on a disk of this machine. Before a second process serves this database, set STORAGE_URL to a bucket (s3:...) or to a folder that all of them share.',
    )
}
