import { ownerAddress } from '#modules/accounts/server/index.ts'
import {
  BackupError,
  backupOfShop,
  backupState,
  db,
  inTransaction,
  isBackupDue,
  log,
  queueMail,
  runtime,
  StorageUnavailableError,
  type OutgoingMail,
} from '#modules/platform/server/index.ts'

/** Makes the hourly backup when it is time, in one process of all; tells the owner when there is no good one. */
export async function backUpWhenDue(): Promise<void> {
  if (await isBackupDue(db())) {
    try {
      const made = await backupOfShop('hourly')
      if (made.ok)
        log.info(
          {
            place: made.place,
            bytes: made.bytes,
            missing: made.manifest.files.missing.length,
            dropped: made.dropped.length,
          },
          'backed up',
        )
    } catch (error) {
      log.error(
        { error: error instanceof Error ? error.message : String(error) },
        'the backup failed',
      )
      // The database itself may be gone: then nobody can be told by mail, and the round fails as all do.
      if (
        !(error instanceof BackupError) &&
        !(error instanceof StorageUnavailableError) &&
        !isFileError(error)
      )
        throw error
    }
  }
  await tellOwner()
}

function isFileError(error: unknown): boolean {
  return (
    error instanceof Error &&
    'syscall' in error &&
    typeof error.syscall === 'string' &&
    error.syscall !== 'connect'
  )
}

/** One mail a day at most, as long as it lasts. */
async function tellOwner(): Promise<void> {
  const { backups } = runtime().settings
  const { last, failure, isOverdue, day } = await backupState(db())
  if (failure === undefined && !(isOverdue && backups.everyHours > 0)) return
  await inTransaction(async (tx) => {
    const to = await ownerAddress(tx)
    if (to !== undefined)
      await queueMail(tx, backupMissingMail({ to, day, last: last?.startedAt, failure }))
  })
}

function backupMissingMail(missing: {
  readonly to: string
  readonly day: string
  readonly last: Date | undefined
  readonly failure: string | undefined
}): OutgoingMail {
  const { backups } = runtime().settings
  const since = missing.last
    ? `The last good one was begun on ${missing.last.toISOString().slice(0, 16).replace('T', ' at ')} (UTC).`
    : 'There has not been a good one yet.'
  return {
    template: 'backup_missing',
    // Real time: a backup guards against the loss of a machine.
    entityKey: missing.day,
    to: missing.to,
    subject: 'Your shop has no new backup',
    content: {
      preheader: since,
      heading: 'The backup needs a look',
      blocks: [
        {
          kind: 'text',
          text: `${missing.failure === undefined ? 'No backup was made for longer than a day.' : `The last backup failed: ${missing.failure}`} ${since}`,
        },
        {
          kind: 'text',
          text: `Your shop writes them to ${backups.folder} and tries again by itself. Make room there or set BACKUP_DIR, or run “npm run backup” on the machine to see what it says.`,
        },
      ],
      footnote:
        'You get this mail because you own this shop, at most once a day, as long as this lasts.',
    },
  }
}
