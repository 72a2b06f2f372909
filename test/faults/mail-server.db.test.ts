import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import {
  askForDelivery,
  closeTransport,
  deliverMail,
  mailbox,
  sendFailedAgain,
  sweepMail,
} from '#modules/notifications/server/index.ts'
import {
  db,
  inTransaction,
  onMailQueued,
  queueMail,
  runtime,
} from '#modules/platform/server/index.ts'
import { provideRuntime } from '#server/runtime.ts'
import { useDatabase } from '../database.ts'
import { setUpOwner } from '../people.ts'
import { until } from '../until.ts'
import { SmtpSink, type SinkMood } from './smtp-sink.ts'

// The mail server in every bad mood. Whoever buys is never made to wait for it; each mail arrives when it can, once.

useDatabase({ jobs: [deliverMail] })
const sink = new SmtpSink()

beforeAll(async () => {
  await sink.open()
  onMailQueued(askForDelivery)
  provideRuntime({
    ...runtime(),
    settings: { ...runtime().settings, smtpUrl: sink.url, mailFrom: 'shop@example.com' },
  })
})
afterEach(() => {
  sink.mood = 'well'
})
afterAll(async () => {
  closeTransport()
  await sink.close()
})

let number = 0

/** Writes mails into the outbox, as a sale does; returns the readers. */
async function queue(...names: readonly string[]): Promise<string[]> {
  const readers = names.map((name) => `${name}${++number}@example.com`)
  await inTransaction(async (tx) => {
    for (const to of readers)
      await queueMail(tx, {
        template: 'receipt',
        entityKey: to,
        to,
        subject: `Your order, ${to}`,
        content: { preheader: 'p', heading: 'h', blocks: [], footnote: 'f' },
      })
  })
  return readers
}

const stored = async (to: string) =>
  db()
    .selectFrom('email_message')
    .select(['state', 'attempts', 'last_error as lastError', 'message_id as messageId'])
    .where('to_address', '=', to)
    .executeTakeFirstOrThrow()
const unsent = async () =>
  (await db().selectFrom('email_message').select('id').where('state', '<>', 'sent').execute())
    .length
const arrived = (to: string) => sink.mails.filter((mail) => mail.to === to)

/** Time passes for the queue: what waits for its next try is due. */
async function laterOn(): Promise<false> {
  await sql`update pgboss.job set start_after = now() where name = ${deliverMail.name} and state in ('created', 'retry')`.execute(
    db(),
  )
  return false
}

async function untilSent(to: string): Promise<void> {
  await until(`${to} has the mail`, async () => {
    return (await stored(to)).state === 'sent' || laterOn()
  })
}

async function untilTried(to: string, more = 0): Promise<void> {
  await until(
    `${to} was tried`,
    async () => {
      const mail = await stored(to)
      return mail.attempts > more && mail.state !== 'sending'
    },
    60_000,
  )
}

test('M19: down for an hour: everything is kept, with the reason where the owner looks, and sent when it is back', async () => {
  await sink.close()
  const [ada = '', bob = ''] = await queue('ada', 'bob')
  await untilTried(ada)
  await untilTried(bob)
  await laterOn()
  await untilTried(ada, 1)
  const waiting = await stored(ada)
  expect(waiting).toMatchObject({
    state: 'queued',
    lastError: expect.stringMatching(/ECONNREFUSED/) as string,
  })
  await sink.open()
  await untilSent(ada)
  await untilSent(bob)
  expect(arrived(ada).map((mail) => mail.messageId)).toEqual([waiting.messageId])
  // Nothing is left for the sweep, and it sends nothing twice.
  await sweepMail()
  expect(arrived(ada)).toHaveLength(1)
})

test.each<[string, SinkMood]>([
  ['slow', 'slow'],
  ['silent', 'hangs'],
])(
  'M20: %s: whoever buys does not wait for it, nor does the database',
  async (_, mood) => {
    sink.mood = mood
    const before = sink.heldBack
    const [ada = ''] = await queue('ada')
    await until('the mail server keeps the shop waiting', () => sink.heldBack > before)
    // The worker waits; a sale (its rows, its mail in the outbox) is committed meanwhile, again and again.
    for (let at = 0; at < 20; at++) await queue('eve')
    expect((await stored(ada)).state).toBe('sending')
    expect(await unsent()).toBe(21)
    sink.mood = 'well'
    // As if the wait had come to its end, whose limit is half a minute.
    sink.cut()
    await untilSent(ada)
    await until('all have theirs', async () => (await unsent()) === 0 || laterOn(), 60_000)
    const mails = arrived(ada)
    expect(mails.length).toBeLessThanOrEqual(2)
    expect(new Set(mails.map((mail) => mail.messageId)).size).toBe(1)
  },
  120_000,
)

test('M21: refused for now it is tried again; refused for good it is told, and the others get theirs', async () => {
  sink.mood = 'rejects some'
  const [nobody = '', ada = ''] = await queue('nobody', 'ada')
  await untilTried(nobody)
  await untilSent(ada)
  expect(await stored(nobody)).toMatchObject({
    state: 'failed',
    attempts: 1,
    lastError: expect.stringMatching(/No such mailbox/) as string,
  })
  sink.mood = 'greylist'
  const [grete = ''] = await queue('grete')
  await untilTried(grete)
  await untilSent(grete)
  expect(arrived(grete)).toHaveLength(1)
  expect((await stored(grete)).attempts).toBeGreaterThan(1)
})

test('M22: cut off after it took the mail: at most one copy more, with the same Message-ID', async () => {
  sink.mood = 'drops after data'
  const [ada = ''] = await queue('ada')
  await until('it took the mail', () => arrived(ada).length === 1)
  sink.mood = 'well'
  await untilTried(ada)
  await untilSent(ada)
  const mails = arrived(ada)
  expect(mails).toHaveLength(2)
  expect(new Set(mails.map((mail) => mail.messageId)).size).toBe(1)
})

test('M19, M33: after its last try a mail is put before the owner, whose button sends it again; one whose job is gone is found', async () => {
  await sink.close()
  const [ada = '', bob = ''] = await queue('ada', 'bob')
  await untilTried(ada)
  await untilTried(bob)
  await sql`update email_message set attempts = 80 where to_address = ${ada}`.execute(db())
  await until('it is given up', async () => (await stored(ada)).state === 'failed' || laterOn())
  expect((await stored(bob)).state).not.toBe('failed')
  await sql`delete from pgboss.job where name = ${deliverMail.name}`.execute(db())
  await sink.open()
  await until('the sweep finds it', async () => {
    await sweepMail()
    return (await stored(bob)).state === 'sent'
  })
  const { actor } = await setUpOwner()
  const [failed] = (await mailbox(db(), { to: ada }, {})).rows
  expect(failed?.lastError).toMatch(/ECONNREFUSED/)
  expect(await inTransaction((tx) => sendFailedAgain(tx, actor, failed?.id ?? ''))).toBe(true)
  await untilSent(ada)
  expect([arrived(ada), arrived(bob)].map((mails) => mails.length)).toEqual([1, 1])
})
