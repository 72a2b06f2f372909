import { db } from './database.ts'
import { log } from './log.ts'

/**
 * Follows the number of the public state, which the database bumps in the transaction of every change that a public
 * page shows. While it cannot be known (no listening connection, or a change just heard of), current() is undefined and
 * nothing kept is used: a page is never older than the last change that was committed before it was asked for, but for
 * the moment a notification takes.
 */
export function watchPublicVersion(): {
  current(): number | undefined
  changed(): void
  lost(): void
} {
  let version: number | undefined
  let asked = 0

  async function read(): Promise<void> {
    const mine = ++asked
    try {
      const row = await db()
        .selectFrom('public_version')
        .select('version')
        .executeTakeFirstOrThrow()
      if (mine === asked) version = row.version
    } catch (error) {
      // Without the number nothing is kept, which is always right; the next notification or connection asks again.
      log.warn({ error: String(error) }, 'public version not known')
    }
  }
  const forget = () => {
    version = undefined
    void read()
  }
  return { current: () => version, changed: forget, lost: forget }
}
