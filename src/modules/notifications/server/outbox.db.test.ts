import { expect, test } from 'vitest'
import { db, inTransaction, queueMail } from '#modules/platform/server/index.ts'
import { emptyBeforeEach, useDatabase } from '../../../../test/database.ts'
import { setUpOwner } from '../../../../test/people.ts'
import {
  deliverMail,
  failedMails,
  mailbox,
  mailsAbout,
  readMail,
  sendFailedAgain,
} from './index.ts'

useDatabase({ jobs: [deliverMail] })
emptyBeforeEach()

async function queue(template: string, entityKey: string, to = 'ann@example.com') {
  await inTransaction((tx) =>
    queueMail(tx, {
      template,
      entityKey,
      to,
      subject: `Mail ${entityKey}`,
      content: { preheader: 'p', heading: 'h', blocks: [], footnote: 'f' },
    }),
  )
}

const subjects = (page: { rows: readonly { subject: string }[] }) =>
  page.rows.map((mail) => mail.subject)

test('the outbox is paged newest first, and can be narrowed to one reader', async () => {
  for (let at = 0; at < 55; at++)
    await queue('note', `n${at}`, at % 5 === 0 ? 'b@x.org' : 'a@x.org')
  const first = await mailbox(db(), {}, {})
  expect(subjects(first)[0]).toBe('Mail n54')
  const second = await mailbox(db(), {}, { older: first.older ?? '' })
  expect(first.rows.length + second.rows.length).toBe(55)
  expect((await mailbox(db(), { to: 'b@x.org' }, {})).rows).toHaveLength(11)
  expect((await mailbox(db(), {}, { older: 'no id' })).rows).toHaveLength(50)
})

test('mails about one thing are those of its key and of no other that begins alike', async () => {
  await queue('receipt', 'order-1:first')
  await queue('receipt', 'order-1:copy')
  await queue('receipt', 'order-10:first')
  await queue('refund', 'order-1:1200')
  const found = await mailsAbout(db(), [
    { template: 'receipt', entityPrefix: 'order-1:' },
    { template: 'refund', entityPrefix: 'order-1:' },
  ])
  expect(found.map((mail) => mail.subject).toSorted()).toEqual([
    'Mail order-1:1200',
    'Mail order-1:copy',
    'Mail order-1:first',
  ])
})

test('a mail that failed is sent again by the owner’s hand, once, and on record; one that did not is left alone', async () => {
  const { actor } = await setUpOwner()
  await queue('note', 'n1')
  const mail = (await mailbox(db(), { to: 'ann@example.com' }, {})).rows[0]
  expect(mail?.state).toBe('queued')
  const again = () => inTransaction((tx) => sendFailedAgain(tx, actor, mail?.id ?? ''))
  expect(await again()).toBe(false)

  await db().updateTable('email_message').set({ state: 'failed', last_error: '550 no' }).execute()
  expect((await mailbox(db(), { isUnsent: true }, {})).rows.length).toBe(await failedMails(db()))
  expect([await again(), await again()]).toEqual([true, false])
  await expect
    .poll(async () => (await readMail(db(), mail?.id ?? ''))?.mail.state, { timeout: 10_000 })
    .toBe('sent')
  const audits = await db()
    .selectFrom('audit_entry')
    .select('subject_id')
    .where('action', '=', 'mail.sent_again')
    .execute()
  expect(audits).toEqual([{ subject_id: mail?.id }])
  expect(await inTransaction((tx) => sendFailedAgain(tx, actor, 'no id'))).toBe(false)
})
