import { statfs } from 'node:fs/promises'
import { oddPayments, paymentsHealth } from '#modules/payments/server/index.ts'
import {
  checkStorage,
  db,
  inTransaction,
  machineSeconds,
  now,
  realSeconds,
  runtime,
  storagePlace,
  type Db,
} from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import {
  backupLine,
  clockLine,
  databaseLine,
  diskLine,
  inOrder,
  mailLine,
  storageLine,
  webhookLine,
  workLine,
  type TestLine,
} from '../self-test-words.ts'
import { mailToTest } from './entered.ts'
import * as store from './store.self-test.ts'
import { clockOffset } from './store.sweep.ts'

/** What the last self-test found, worst first; empty before the first one. */
export async function selfTestLines(database: Db): Promise<readonly store.StoredLine[]> {
  return inOrder(await store.storedLines(database))
}

/**
 * Looks at everything the shop depends on and notes what it finds. Each part by itself: one that fails is a line that says so.
 * Asks Stripe for the time, writes and removes a probe in the store of files. In no transaction.
 */
export async function runSelfTest(): Promise<void> {
  const lines = await Promise.all(
    Object.entries(parts).map(async ([name, part]) => {
      try {
        return await part()
      } catch (error) {
        return {
          name,
          tone: 'bad',
          title: 'This could not be looked at',
          words: error instanceof Error ? error.message : String(error),
          remedy: 'Press "Test now" again; if it stays so, read the log of the program.',
        } satisfies TestLine
      }
    }),
  )
  await inTransaction((tx) => store.writeLines(tx, lines))
}

async function told() {
  const [instant, site] = await Promise.all([now(db()), siteIdentity(db())])
  return { now: instant, words: { zone: site.timeZone, locale: site.locale } }
}

const parts: Readonly<Record<string, () => Promise<TestLine>>> = {
  async webhook() {
    const health = await paymentsHealth(db())
    const { cursor } = health
    return webhookLine(
      {
        mode: health.mode,
        isPollingOnly: health.isPollingOnly,
        lastWebhookAt: cursor.lastWebhookAt,
        lastMissedAt: cursor.lastMissedAt,
        missed: cursor.webhookMissed,
        lastRefusedAt: cursor.lastRefusedAt,
        polledAt: cursor.polledAt,
        lastError: cursor.lastError,
      },
      await told(),
    )
  },

  async mail() {
    const isRehearsal = runtime().settings.stripe.mode === 'rehearsal'
    const hasServer = (await mailToTest(db())) !== undefined
    return mailLine({ ...(await store.mailFacts(db())), isRehearsal, hasServer }, await told())
  },

  async storage() {
    return storageLine(await checkStorage(), storagePlace().words)
  },

  async clock() {
    const [theirs, ours] = [await stripeSeconds(), await realSeconds(db())]
    return clockLine({
      fromStripe: theirs === undefined ? undefined : ours - theirs,
      fromDatabase: machineSeconds() - ours,
      isMoved: (await clockOffset(db())) !== 0,
    })
  },

  async backup() {
    const { now: machineNow, ...facts } = await store.backupFacts(db())
    return backupLine(facts, { ...(await told()), now: machineNow })
  },

  async database() {
    // Asked on a connection of the money: those for leases do not wait for the disk on purpose.
    const facts = await store.databaseFacts(db('money'))
    return databaseLine({ kind: runtime().databaseKind, ...facts })
  },

  async disk() {
    const disk = await statfs(runtime().settings.dataDir)
    return diskLine({ freeBytes: disk.bavail * disk.bsize, allBytes: disk.blocks * disk.bsize })
  },

  async work() {
    const [health, left, odd] = await Promise.all([
      paymentsHealth(db()),
      store.leftOver(db()),
      oddPayments(db(), 20),
    ])
    return workLine(
      {
        ...left,
        parkedEvents: health.counts.parked + health.counts.quarantined,
        oldestPendingAt: health.counts.oldestPendingAt,
        odd: odd.length,
      },
      await told(),
    )
  },
}

/** Stripe's time by the Date of any answer, without a key; undefined: not reached, or play money, whose time is ours. */
async function stripeSeconds(): Promise<number | undefined> {
  const { settings } = runtime()
  if (settings.stripe.mode === 'rehearsal') return undefined
  try {
    const answer = await fetch(`${settings.stripeApiBase ?? 'https://api.stripe.com'}/`, {
      method: 'HEAD',
      redirect: 'manual',
      signal: AbortSignal.timeout(5_000),
    })
    const date = Date.parse(answer.headers.get('date') ?? '')
    return Number.isNaN(date) ? undefined : Math.floor(date / 1000)
  } catch {
    return undefined // no network is told by the line itself
  }
}
