import { db } from './database.ts'
import { log } from './log.ts'

let version: number | undefined
let asked = 0
let isListening = false

/**
 * The number of the state that public pages show, which the database bumps in the transaction of every change that one
 * of them shows. undefined while it is not known for certain (no listening connection, or a change just heard of): then
 * nothing kept may be used. So what is kept under it is never older than the last change that was committed before it was
 * asked for, but for the moment a notification takes.
 */
export function publicVersion(): number | undefined {
  return version
}

/** For the connection that listens for changes: whether it stands now. While it does not, nothing is known. */
export function watchPublicVersion(isConnected: boolean): void {
  isListening = isConnected
  doubtPublicVersion()
}

/**
 * Asks the database again before anything kept is used. At every notification; and after somebody changed something here,
 * who then sees it on the next page without waiting for the notification of it.
 */
export function doubtPublicVersion(): void {
  version = undefined
  asked++
  if (isListening) void read(asked)
}

async function read(mine: number): Promise<void> {
  try {
    const row = await db().selectFrom('public_version').select('version').executeTakeFirstOrThrow()
    if (mine === asked) version = row.version
  } catch (error) {
    // Without the number nothing is kept, which is always right; the next notification or connection asks again.
    log.warn({ error: String(error) }, 'public version not known')
  }
}
