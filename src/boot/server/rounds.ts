import { sweepAccounts } from '#modules/accounts/server/index.ts'
import { completeAppointments, remindOfAppointments } from '#modules/booking/server/index.ts'
import { renewLikes, sweepSpam } from '#modules/community/server/index.ts'
import { mailOn, publishDuePosts, sweepPosts } from '#modules/content/server/index.ts'
import { lookAfterFiles, tellOn } from '#modules/downloads/server/index.ts'
import { giveOwedKeys } from '#modules/licences/server/index.ts'
import {
  sweepCards,
  sweepGiven,
  sweepGrace,
  sweepTokens,
  sweepMembershipMoney,
  sweepMoves,
  sweepPlans,
  sweepSubscribing,
  tellMoves,
} from '#modules/memberships/server/index.ts'
import { sweepMail } from '#modules/notifications/server/index.ts'
import { forgetLastMails } from '#modules/privacy/server/index.ts'
import { runSelfTest } from '#modules/setup/server/index.ts'
import {
  pollEvents,
  prunePayloads,
  sweepComparisons,
  sweepDrift,
  sweepPayments,
  sweepSubscriptions,
  wakeWorker,
} from '#modules/payments/server/index.ts'
import {
  db,
  inTransaction,
  keepAssets,
  log,
  now,
  sweepLimits,
  sweepOrphanFiles,
} from '#modules/platform/server/index.ts'

import { backUpWhenDue } from './backup-round.ts'

/** Something that is looked after again and again. Each finds its work in the database and may run in several processes at once. */
interface Round {
  readonly name: string
  readonly everySeconds: number
  run(): Promise<unknown>
}

/** Folders of the storage whose files are referred to by foreign keys. */
const fileFolders = ['images', 'avatars', 'downloads'] as const

const rounds: readonly Round[] = [
  // Decides by itself whether it is time to ask Stripe (every 20 s to 5 min, one process at once).
  { name: 'poll events', everySeconds: 5, run: async () => pollEvents(await now(db('money'))) },
  { name: 'sweep payments', everySeconds: 20, run: sweepPayments },
  { name: 'sweep drift', everySeconds: 600, run: sweepDrift },
  { name: 'bring plans to Stripe', everySeconds: 20, run: sweepPlans },
  { name: 'sweep subscribing', everySeconds: 20, run: sweepSubscribing },
  // A new card is tried soon after it was heard of; most rounds find nothing.
  { name: 'try new cards', everySeconds: 3, run: sweepCards },
  { name: 'sweep money of subscriptions', everySeconds: 20, run: sweepMembershipMoney },
  { name: 'sweep grace', everySeconds: 30, run: sweepGrace },
  { name: 'sweep given plans', everySeconds: 30, run: sweepGiven },
  { name: 'end tokens', everySeconds: 60, run: sweepTokens },
  // Paces itself over all processes, like all that mails many.
  { name: 'tell of other prices', everySeconds: 5, run: tellMoves },
  { name: 'set other prices', everySeconds: 20, run: sweepMoves },
  { name: 'compare subscriptions', everySeconds: 600, run: sweepSubscriptions },
  { name: 'heal subscriptions', everySeconds: 5, run: sweepComparisons },
  { name: 'sweep mail', everySeconds: 60, run: sweepMail },
  { name: 'sweep accounts', everySeconds: 3600, run: () => inTransaction(sweepAccounts) },
  { name: 'forget who left', everySeconds: 600, run: forgetLastMails },
  { name: 'sweep limits', everySeconds: 3600, run: sweepLimits },
  { name: 'sweep files', everySeconds: 3600, run: () => sweepOrphanFiles(db(), fileFolders) },
  { name: 'keep assets', everySeconds: 3600, run: () => keepAssets(db()) },
  // Reads what nobody has read for longest, whatever folder it lies in.
  { name: 'look after files', everySeconds: 600, run: () => lookAfterFiles(db()) },
  // Whoever bought a product before it had licence keys gets theirs, 500 a round.
  { name: 'give keys', everySeconds: 20, run: () => giveOwedKeys(500) },
  { name: 'complete appointments', everySeconds: 60, run: completeAppointments },
  // Paces itself over all processes; most rounds find nothing to do.
  { name: 'tell buyers', everySeconds: 5, run: tellOn },
  { name: 'publish posts', everySeconds: 5, run: publishDuePosts },
  // Paces itself over all processes, like the one above.
  { name: 'mail posts', everySeconds: 5, run: mailOn },
  { name: 'remind of appointments', everySeconds: 5, run: remindOfAppointments },
  { name: 'sweep posts', everySeconds: 3600, run: sweepPosts },
  // Kept pages show new likes after a round, not after each like.
  { name: 'renew likes', everySeconds: 5, run: () => renewLikes(db()) },
  { name: 'sweep spam', everySeconds: 3600, run: () => sweepSpam(db()) },
  { name: 'back up', everySeconds: 60, run: backUpWhenDue },
  { name: 'self-test', everySeconds: 900, run: runSelfTest },
  { name: 'prune payloads', everySeconds: 3_600, run: () => prunePayloads(2_000) },
]

let timers: NodeJS.Timeout[] = []
let under = new Map<string, Promise<void>>()

/** Starts all rounds, each a little apart from the others. */
export function startRounds(): void {
  timers = rounds.flatMap((round, index) => [
    setTimeout(() => void walk(round), 500 + index * 300),
    setInterval(() => void walk(round), round.everySeconds * 1000),
  ])
}

/** The clock moved: whatever became due is looked for at once. */
export function walkAllRounds(): void {
  wakeWorker()
  for (const round of rounds) void walk(round)
}

/** Waits for the rounds under way. */
export async function stopRounds(): Promise<void> {
  timers.forEach((timer) => clearTimeout(timer))
  timers = []
  await Promise.all(under.values())
  under = new Map()
}

async function walk(round: Round): Promise<void> {
  if (under.has(round.name)) return
  const work = (async () => {
    try {
      await round.run()
    } catch (error) {
      // The next round does the same work again; nothing is lost by a round that failed.
      log.warn(
        { round: round.name, error: error instanceof Error ? error.message : String(error) },
        'round failed',
      )
    }
  })()
  under.set(round.name, work)
  await work
  under.delete(round.name)
}
