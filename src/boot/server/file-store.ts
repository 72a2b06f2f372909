import {
  checkStorage,
  claimStorage,
  db,
  keepAssets,
  log,
  runtime,
  StorageUnavailableError,
  storagePlace,
} from '#modules/platform/server/index.ts'

/** The program cannot start as it is set up. The message is for the person who starts it. */
export class StartRefusedError extends Error {
  override name = 'StartRefusedError'
}

/**
 * Whether files can be kept where STORAGE_URL says, and whether that is where this shop's files lie, asked before anything is
 * kept. A store that refuses the shop, loses what it is given, or is another's is a mistake of the set-up: throws
 * StartRefusedError. One that is silent may be back in a minute, and all pages work without it: the shop opens and says so in
 * the log.
 */
export async function openFileStore(): Promise<void> {
  const check = await checkStorage()
  const place = storagePlace()
  const isSharedDatabase = runtime().databaseKind === 'server'
  if (!check.ok) {
    if (check.reason !== 'silent') throw new StartRefusedError(check.words)
    log.warn({ place: place.words }, `${check.words} The shop opens without its files.`)
    return
  }
  try {
    // The folder of a shop that has its database beside it belongs to nobody else.
    const home = await claimStorage(db(), { mayMove: place.kind === 'disk' && !isSharedDatabase })
    if (!home.ok) throw new StartRefusedError(refusals[home.reason](place.words))
  } catch (error) {
    if (!(error instanceof StorageUnavailableError)) throw error
    log.warn({ place: place.words }, `${error.message} The shop opens without its files.`)
  }
  if (place.kind === 'disk' && isSharedDatabase)
    log.warn(
      { place: place.words },
      'Files lie on a disk of this machine. Before a second process serves this database, set STORAGE_URL to a bucket (s3:...) or to a folder that all of them share.',
    )
}

/** Keeps this build's scripts and styles for pages that outlive it. A store that is silent just now is asked again by the rounds. */
export async function keepOwnAssets(): Promise<void> {
  try {
    await keepAssets(db())
  } catch (error) {
    if (!(error instanceof StorageUnavailableError)) throw error
    log.warn({ error: error.message }, 'the scripts of this version are not kept yet')
  }
}

const refusals = {
  other_shop: (place: string) =>
    `${place} holds the files of another shop. Give each shop a bucket, a prefix or a folder of its own: each would remove what it does not know.`,
  elsewhere: (place: string) =>
    `The files of this shop are not in ${place}. If another process of it keeps them elsewhere, set STORAGE_URL to the same place for all; if you are moving them, copy everything first, "home/shop" included.`,
} as const
