import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { beforeEach, expect, test } from 'vitest'
import { customerFor } from '#modules/accounts/server/index.ts'
import type { MemberActor, OwnerActor } from '#modules/accounts/types.ts'
import { followSubscription } from '#modules/entitlements/server/index.ts'
import {
  deliverMail,
  mailbox,
  provideLaterMail,
  readMail,
} from '#modules/notifications/server/index.ts'
import { db, inTransaction, now } from '#modules/platform/server/index.ts'
import { beginSite } from '#modules/site/server/index.ts'
import { emptyBeforeEach, passTime, useDatabase } from '../../../../test/database.ts'
import { setUpOwner, signUp } from '../../../../test/people.ts'
import {
  beginPost,
  deletePost,
  editPost,
  joinNewsletter,
  leaveByKey,
  leaveByOwner,
  leaveNewsletter,
  mailingOf,
  mailOn,
  mailPost,
  memberOfLeaveKey,
  newsletterOf,
  postByMail,
  publishDuePosts,
  publishPost,
  stopMailing,
  unpublishPost,
} from './index.ts'

useDatabase()
emptyBeforeEach()
provideLaterMail('post', postByMail)

let owner: OwnerActor
const plan = randomUUID()
/** Stands only behind the teaser's end. */
const secret = 'xylograph'
const wording = 'Send me new posts.'

beforeEach(async () => {
  await inTransaction(beginSite)
  owner = (await setUpOwner()).actor
})

async function aPost(at?: Date | 'draft'): Promise<string> {
  return inTransaction(async (tx) => {
    const { id, slug } = await beginPost(tx, owner, { title: 'A letter' })
    await editPost(tx, owner, id, {
      title: 'A letter',
      slug,
      author: '',
      category: '',
      bodyMd: `Everybody reads **this**.\n\n<!-- more -->\n\n## ${secret}\n\n[More](https://example.com/${secret}).`,
      access: { kind: 'premium', anyPlan: false, planIds: [plan], productIds: [] },
    })
    if (at !== 'draft') expect(await publishPost(tx, owner, id, at)).toMatchObject({ ok: true })
    return id
  })
}

async function aReader(email: string): Promise<MemberActor> {
  const { actor } = await signUp(email)
  await inTransaction((tx) => joinNewsletter(tx, actor, { wording, where: 'settings' }))
  return actor
}

async function subscribe(member: MemberActor, until: Date | undefined) {
  await inTransaction(async (tx) => {
    const customerId = await customerFor(tx, { email: member.email, memberId: member.memberId })
    await followSubscription(
      tx,
      { subscriptionId: randomUUID(), customerId, benefit: 'plan', subjectId: plan },
      { isOpen: true, until },
      { actor: 'stripe', cause: 'test' },
    )
  })
}

const press = (postId: string) => inTransaction((tx) => mailPost(tx, owner, postId))
const isNext = () =>
  db()
    .updateTable('post_mailing')
    .set({ next_at: new Date(0) })
    .execute()

/** Steps as the rounds take them, without their pauses. Returns how many were mailed in all. */
async function mailAll(steps = 5): Promise<number> {
  let mailed = 0
  for (let step = 0; step < steps; step++) {
    await isNext()
    mailed += await mailOn()
  }
  return mailed
}

const outbox = async () =>
  db()
    .selectFrom('email_message')
    .select(['id', 'to_address as to', 'state', 'unsubscribe_url as unsubscribeUrl', 'content'])
    .where('template', '=', 'post')
    .orderBy('to_address')
    .execute()

test('posts by mail are off until a member asks; the words and the moment of the yes are kept until they leave', async () => {
  const { actor } = await signUp('ann@example.com')
  expect(await newsletterOf(db(), actor)).toBeUndefined()
  const join = (words: string) =>
    inTransaction((tx) => joinNewsletter(tx, actor, { wording: words, where: 'welcome' }))
  await join(wording)
  const first = await newsletterOf(db(), actor)
  expect(first).toMatchObject({ wording, leftAt: undefined })
  await passTime(60_000)
  await join('Other words.')
  expect(await newsletterOf(db(), actor)).toEqual(first)
  await inTransaction((tx) => leaveNewsletter(tx, actor))
  expect(await newsletterOf(db(), actor)).toMatchObject({ wording, leftBy: 'settings' })
  await join('Other words.')
  expect(await newsletterOf(db(), actor)).toMatchObject({
    wording: 'Other words.',
    leftAt: undefined,
  })
})

test('a post is mailed once to each reader for ever: pressed twice at once, by two processes, again when it is done', async () => {
  const postId = await aPost()
  expect(await press(postId)).toEqual({ ok: false, reason: 'nobody' })
  await aReader('ann@example.com')
  await aReader('ben@example.com')
  await signUp('no-reader@example.com')
  expect(await mailingOf(db(), postId)).toEqual({ mailing: undefined, toMail: 2, readers: 2 })
  await Promise.all([press(postId), press(postId)])
  const [one, other] = await Promise.all([mailAll(3), mailAll(3)])
  expect(one + other).toBe(2)
  expect((await outbox()).map(({ to }) => to)).toEqual(['ann@example.com', 'ben@example.com'])
  expect(await press(postId)).toEqual({ ok: false, reason: 'nobody' })
  // Who asked for it later gets this one when it is pressed again, and nobody else does.
  await aReader('cas@example.com')
  expect(await press(postId)).toEqual({ ok: true, state: 'running' })
  expect(await mailAll()).toBe(1)
  expect(await outbox()).toHaveLength(3)
  expect((await mailingOf(db(), postId)).mailing).toMatchObject({ state: 'done', leaving: 3 })
})

test('a thousand readers get it in steps at a bounded rate; a kill in the middle of a step loses and doubles nothing; stopped, it goes on when asked', async () => {
  await sql`
    with people as (
      insert into member (email, name, role) select 'reader' || n || '@example.com', '', 'member' from generate_series(1, 1000) n returning id
    )
    insert into newsletter_reader (member_id, wording, asked_where) select id, ${wording}, 'settings' from people`.execute(
    db(),
  )
  const postId = await aPost()
  await press(postId)
  expect(await mailOn()).toBe(20)
  expect(await mailOn()).toBe(0) // its next turn is in five seconds, whichever process asks
  // Dies after the mails of its step were written, before any of it was committed.
  await sql`create function killed() returns trigger language plpgsql as $$ begin raise exception 'killed'; end $$`.execute(
    db(),
  )
  await sql`create trigger killed after update on post_mail for each statement execute function killed()`.execute(
    db(),
  )
  await isNext()
  await expect(mailOn()).rejects.toThrow('killed')
  await sql`drop trigger killed on post_mail`.execute(db())
  await sql`drop function killed()`.execute(db())
  expect(await outbox()).toHaveLength(20)
  expect(await mailAll(4)).toBe(80)
  expect(await inTransaction((tx) => stopMailing(tx, owner, postId))).toBe(true)
  expect(await mailAll(3)).toBe(0)
  expect((await mailingOf(db(), postId)).mailing).toMatchObject({
    state: 'stopped',
    waiting: 900,
    leaving: 100,
  })
  expect(await press(postId)).toEqual({ ok: true, state: 'running' })
  expect(await mailAll(46)).toBe(900)
  const all = await outbox()
  expect(all).toHaveLength(1000)
  expect(new Set(all.map(({ to }) => to)).size).toBe(1000)
  expect((await mailingOf(db(), postId)).mailing).toMatchObject({ state: 'done', waiting: 0 })
})

test('[commerce 71] a mail says what its reader may read when it is delivered, and nothing of the rest, not in the outbox either', async () => {
  const plain = await aReader('plain@example.com')
  const ends = await aReader('ends@example.com')
  const payer = await aReader('payer@example.com')
  await subscribe(ends, new Date((await now(db())).getTime() + 60_000))
  await subscribe(payer, undefined)
  await press(await aPost())
  await mailAll()
  expect(JSON.stringify(await outbox())).not.toContain(secret)
  const read = async (member: MemberActor) => {
    const [mail] = (await mailbox(db(), { to: member.email }, {})).rows.filter(
      ({ template }) => template === 'post',
    )
    return readMail(db(), mail?.id ?? '')
  }
  expect((await read(ends))?.html).toContain(secret)
  await passTime(60_000)
  for (const member of [plain, ends]) {
    const mail = await read(member)
    expect(JSON.stringify(mail)).not.toContain(secret)
    expect(mail?.html).toContain('<strong>this</strong>')
    expect(mail?.text).toContain('Everybody reads this.')
    expect(mail?.text).toContain('/newsletter/leave/')
  }
  const whole = await read(payer)
  expect(whole?.html).toContain(secret)
  expect(whole?.text).toContain(`More (https://example.com/${secret})`)
})

test('who leaves between the list and the mail gets none; who leaves before it is delivered gets none either', async () => {
  const early = await aReader('early@example.com')
  const late = await aReader('late@example.com')
  const stays = await aReader('stays@example.com')
  const postId = await aPost()
  await press(postId)
  await inTransaction((tx) => leaveNewsletter(tx, early))
  expect(await mailAll()).toBe(2)
  const key = (await outbox())
    .find(({ to }) => to === late.email)
    ?.unsubscribeUrl?.split('/')
    .at(-1)
  expect(memberOfLeaveKey(key ?? '')).toBe(late.memberId)
  expect(memberOfLeaveKey((key ?? '').replace(late.memberId, stays.memberId))).toBeUndefined()
  expect(await inTransaction((tx) => leaveByKey(tx, late.memberId, 'one_click'))).toBe(true)
  expect(await inTransaction((tx) => leaveByKey(tx, late.memberId, 'one_click'))).toBe(false)
  for (const { id } of await outbox()) await deliverMail.handle({ mailId: id })
  expect((await outbox()).map(({ to, state }) => [to, state])).toEqual([[stays.email, 'sent']])
  expect((await mailingOf(db(), postId)).mailing).toMatchObject({ sent: 1, leftOut: 2 })
  // Asked for again, this post has been theirs once.
  await inTransaction((tx) => joinNewsletter(tx, late, { wording, where: 'settings' }))
  expect(await press(postId)).toEqual({ ok: false, reason: 'nobody' })
})

test('an address that its mail server does not know gets no more; one that is full today does; the owner marks one by hand', async () => {
  const gone = await aReader('gone@example.com')
  const full = await aReader('full@example.com')
  const postId = await aPost()
  await press(postId)
  await mailAll()
  const fail = (email: string, fault: string) =>
    db()
      .updateTable('email_message')
      .set({ state: 'failed', fault })
      .where('to_address', '=', email)
      .where('template', '=', 'post')
      .execute()
  await fail(gone.email, 'reader')
  await fail(full.email, 'content')
  await mailOn()
  expect(await newsletterOf(db(), gone)).toMatchObject({ leftBy: 'bounce' })
  expect(await newsletterOf(db(), full)).toMatchObject({ leftBy: undefined })
  expect((await mailingOf(db(), postId)).mailing).toMatchObject({ refused: 2 })
  expect(await inTransaction((tx) => leaveByOwner(tx, owner, 'full@example.com'))).toBe(true)
  expect(await inTransaction((tx) => leaveByOwner(tx, owner, 'full@example.com'))).toBe(false)
  expect(await newsletterOf(db(), full)).toMatchObject({ leftBy: 'owner' })
  // Asked for anew with an address that works, an old refusal does not count.
  await passTime(1_000)
  await inTransaction((tx) => joinNewsletter(tx, gone, { wording, where: 'settings' }))
  await mailOn()
  expect(await newsletterOf(db(), gone)).toMatchObject({ leftBy: undefined })
})

test('asked for before the post appears, it is mailed when it appears, to those who read by mail then; taken back, nothing more leaves', async () => {
  const at = new Date((await now(db())).getTime() + 3_600_000)
  const postId = await aPost(at)
  expect(await press(postId)).toEqual({ ok: true, state: 'waiting' })
  expect(await mailAll()).toBe(0)
  await aReader('ann@example.com')
  await passTime(3_600_000)
  expect(await publishDuePosts()).toBe(1)
  expect(await mailAll()).toBe(1)
  // A draft that is published by hand, too.
  const draft = await aPost('draft')
  await press(draft)
  const publish = () => inTransaction((tx) => publishPost(tx, owner, draft))
  const unpublish = () => inTransaction((tx) => unpublishPost(tx, owner, draft))
  await publish()
  await unpublish()
  expect(await mailAll()).toBe(0)
  await publish()
  expect(await mailAll()).toBe(1)
  // One whose list stands already stops when it is taken back.
  await aReader('ben@example.com')
  await press(draft)
  await unpublish()
  expect(await mailAll()).toBe(0)
  expect((await mailingOf(db(), draft)).mailing).toMatchObject({ state: 'stopped', waiting: 1 })
  await inTransaction((tx) => deletePost(tx, owner, draft))
  expect(await press(draft)).toEqual({ ok: false, reason: 'deleted' })
  expect(await press(randomUUID())).toEqual({ ok: false, reason: 'not_found' })
})

test('a program that does not know how posts are mailed cannot take such a mail, nor after a hand that could has died; one that knows sends it', async () => {
  await aReader('ann@example.com')
  await press(await aPost())
  await mailAll()
  const [mail] = await outbox()
  const id = mail?.id ?? ''
  // As versions before this one take a mail.
  const takeUnknowing = () =>
    sql`update email_message set state = 'sending', leased_until = machine_now() + interval '45 seconds', attempts = attempts + 1
      where id = ${id}::uuid and (state = 'queued' or (state = 'sending' and leased_until < machine_now()))`.execute(
      db(),
    )
  await expect(takeUnknowing()).rejects.toThrow('email_message_is_understood')
  await sql`update email_message set state = 'sending', leased_until = machine_now() - interval '1 second', attempts = 1, understood_attempt = 1
    where id = ${id}::uuid`.execute(db())
  await expect(takeUnknowing()).rejects.toThrow('email_message_is_understood')
  await deliverMail.handle({ mailId: id })
  expect(await outbox()).toMatchObject([{ state: 'sent' }])
  // Nor does this version take what a later one may learn to complete.
  await sql`update email_message set state = 'queued', completed_by = 'poem' where id = ${id}::uuid`.execute(
    db(),
  )
  await expect(deliverMail.handle({ mailId: id })).rejects.toThrow('email_message_is_understood')
})
