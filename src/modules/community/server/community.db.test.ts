import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { beforeEach, describe, expect, test } from 'vitest'
import { customerFor } from '#modules/accounts/server/index.ts'
import type { MemberActor, OwnerActor } from '#modules/accounts/types.ts'
import { beginPost, editPost, postFor, publishPost } from '#modules/content/server/index.ts'
import type { Access } from '#modules/content/types.ts'
import { grant, followSubscription } from '#modules/entitlements/server/index.ts'
import { db, inTransaction } from '#modules/platform/server/index.ts'
import { emptyBeforeEach, passTime, useDatabase } from '../../../../test/database.ts'
import { mailsTo, setUpOwner, signUp } from '../../../../test/people.ts'
import { aProduct } from '../../../../test/sales.ts'
import { stampOf } from './threads.ts'
import {
  addressOfComment,
  askedOfReader,
  banMember,
  closeComments,
  commentOfToken,
  decide,
  deleteComment,
  discussionFor,
  editComment,
  isOffToken,
  likeComment,
  likePost,
  mayComment,
  moderationCounts,
  moderationQueue,
  personAt,
  profileOf,
  renewLikes,
  reportComment,
  saveProfile,
  sweepSpam,
  turnRepliesOff,
  unbanMember,
  undoDecision,
  writeComment,
} from './index.ts'

useDatabase()
emptyBeforeEach()

const minute = 60_000
const day = 24 * 60 * minute

let owner: OwnerActor
let ada: MemberActor
let bob: MemberActor
let post: { id: string; slug: string }

const member = async (name: string) => (await signUp(`${name}@example.com`)).actor

beforeEach(async () => {
  owner = (await setUpOwner()).actor
  ada = await member('ada')
  bob = await member('bob')
  post = await aPost({ kind: 'free' })
})

async function aPost(access: Access): Promise<{ id: string; slug: string }> {
  return inTransaction(async (tx) => {
    const { id, slug } = await beginPost(tx, owner, { title: 'On paper' })
    const words = {
      title: 'On paper',
      author: '',
      category: '',
      bodyMd: 'Open.\n\n<!-- more -->\n\nThe rest.',
    }
    expect(await editPost(tx, owner, id, { ...words, slug, access })).toMatchObject({ ok: true })
    expect(await publishPost(tx, owner, id)).toMatchObject({ ok: true })
    return { id, slug }
  })
}

async function nowSeconds(): Promise<number> {
  const { rows } = await sql<{
    s: number
  }>`select floor(extract(epoch from machine_now()))::bigint as s`.execute(db())
  return rows[0]?.s ?? 0
}

/** A form that was open for a while. */
async function form(who: MemberActor, more: Partial<Parameters<typeof writeComment>[2]> = {}) {
  return {
    slug: post.slug,
    body: `Words number ${randomUUID()} about the paper`,
    name: who.email.split('@', 1)[0] ?? '',
    answers: '',
    formId: randomUUID(),
    stamp: stampOf((await nowSeconds()) - 60, who.memberId),
    hiddenField: '',
    ...more,
  }
}

async function write(who: MemberActor, more: Parameters<typeof form>[1] = {}) {
  const written = await form(who, more)
  return inTransaction((tx) => writeComment(tx, who, written))
}

/** A comment that is shown. */
async function says(who: MemberActor, body: string, answers = ''): Promise<string> {
  const written = await write(who, { body, answers })
  expect(written).toMatchObject({ ok: true, isShown: true })
  return written.ok ? written.id : ''
}

/** What stands below the post for a reader. */
async function seen(reader?: MemberActor, slug = post.slug) {
  return inTransaction(async (tx) => {
    const found = await postFor(tx, slug, reader)
    if (found.found !== 'post') throw new Error('no post')
    return discussionFor(tx, found.post, reader, { page: 1, ownerName: 'Mara' })
  })
}

const queue = async (filter: Parameters<typeof moderationQueue>[1]) =>
  (await moderationQueue(db(), filter, {})).rows

describe('likes', () => {
  const like = (who: MemberActor, isLiked: boolean) =>
    inTransaction((tx) => likePost(tx, who, post.slug, isLiked))

  test('a like pressed twice, at once or on two devices counts one; taken back it is none [engage 55] [commerce 73]', async () => {
    await Promise.all([like(ada, true), like(ada, true), like(ada, true)])
    expect(await like(ada, true)).toEqual({ ok: true, likes: 1, isLiked: true })
    expect(await like(bob, true)).toEqual({ ok: true, likes: 2, isLiked: true })
    expect(await like(ada, false)).toEqual({ ok: true, likes: 1, isLiked: false })
    await Promise.all([like(bob, false), like(bob, false)])
    expect(await seen(ada)).toMatchObject({ likes: 0, isLiked: false })
  })

  test('kept pages are renewed once for many likes', async () => {
    const version = async () =>
      (await db().selectFrom('public_version').select('version').executeTakeFirstOrThrow()).version
    const before = await version()
    await like(ada, true)
    await like(bob, true)
    await like(bob, false)
    expect(await version()).toBe(before)
    expect(await renewLikes(db())).toBe(3)
    expect(await version()).toBe(before + 1)
    expect(await renewLikes(db())).toBe(0)
    expect(await version()).toBe(before + 1)
  })

  test('a comment is liked like a post', async () => {
    const id = await says(bob, 'Good paper.')
    await inTransaction((tx) => likeComment(tx, ada, id, true))
    await inTransaction((tx) => likeComment(tx, ada, id, true))
    const [thread] = (await seen(ada))?.threads ?? []
    expect(thread).toMatchObject({ likes: 1, isLiked: true })
    expect((await seen(bob))?.threads[0]).toMatchObject({ likes: 1, isLiked: false })
    expect(await inTransaction((tx) => likeComment(tx, ada, randomUUID(), true))).toEqual({
      ok: false,
      reason: 'none',
    })
  })

  test('who is banned likes nothing and says nothing, whatever page they have open; the database refuses it, too [commerce 73]', async () => {
    const id = await says(bob, 'Good paper.')
    expect(await inTransaction((tx) => banMember(tx, owner, ada.memberId))).toEqual({ ok: true })
    const banned = { ok: false, reason: 'banned' }
    expect(await like(ada, true)).toEqual(banned)
    expect(await inTransaction((tx) => likeComment(tx, ada, id, true))).toEqual(banned)
    expect(await write(ada)).toEqual(banned)
    expect(await inTransaction((tx) => reportComment(tx, ada, id))).toEqual(banned)
    await expect(
      db().insertInto('post_like').values({ post_id: post.id, member_id: ada.memberId }).execute(),
    ).rejects.toThrow(/banned/)
    expect((await seen(ada))?.you).toMatchObject({ isBanned: true })
    expect(await inTransaction((tx) => banMember(tx, owner, ada.memberId))).toMatchObject({
      reason: 'same',
    })
    expect(await inTransaction((tx) => banMember(tx, owner, owner.memberId))).toMatchObject({
      reason: 'owner',
    })
    await inTransaction((tx) => unbanMember(tx, owner, ada.memberId))
    expect(await like(ada, true)).toMatchObject({ ok: true, likes: 1 })
  })
})

describe('who may read the post', () => {
  test('reads what is said about it; who meets the teaser learns neither that nor how much, and adds nothing', async () => {
    const product = await aProduct()
    post = await aPost({ kind: 'premium', anyPlan: false, planIds: [], productIds: [product.id] })
    await inTransaction(async (tx) => {
      const customerId = await customerFor(tx, { email: ada.email, memberId: ada.memberId })
      const source = { kind: 'comp', id: randomUUID() } as const
      await grant(tx, [{ customerId, benefit: 'product', subjectId: product.id, source }], {
        actor: 'system',
        cause: 'test',
      })
    })
    const id = await says(ada, 'The periwinkle is the best.')
    expect((await seen(ada))?.threads).toHaveLength(1)
    expect((await seen(owner))?.comments).toBe(1)
    for (const reader of [undefined, bob]) {
      expect(await seen(reader)).toBeUndefined()
      expect(await addressOfComment(db(), id, reader)).toBeUndefined()
    }
    expect(await addressOfComment(db(), id, ada)).toBe(`/posts/${post.slug}#c-${id}`)
    const none = { ok: false, reason: 'none' }
    expect(await write(bob)).toEqual(none)
    expect(await inTransaction((tx) => likePost(tx, bob, post.slug, true))).toEqual(none)
    expect(await inTransaction((tx) => likeComment(tx, bob, id, true))).toEqual(none)
    expect(await inTransaction((tx) => reportComment(tx, bob, id))).toEqual(none)
  })

  test('who may not read it any more is told of no reply', async () => {
    const planId = randomUUID()
    const subscription = {
      subscriptionId: randomUUID(),
      benefit: 'plan',
      subjectId: planId,
    } as const
    const subscribed = (isOpen: boolean) =>
      inTransaction(async (tx) => {
        const customerId = await customerFor(tx, { email: ada.email, memberId: ada.memberId })
        await followSubscription(
          tx,
          { ...subscription, customerId },
          isOpen ? { isOpen, until: undefined } : { isOpen, reason: 'ended' },
          { actor: 'stripe', cause: 'test' },
        )
      })
    await subscribed(true)
    post = await aPost({ kind: 'premium', anyPlan: true, planIds: [], productIds: [] })
    const id = await says(ada, 'The periwinkle is the best.')
    await subscribed(false)
    await says(owner, 'It is a secret colour.', id)
    expect((await mailsTo(ada.email)).map(({ template }) => template)).not.toContain(
      'comment_reply',
    )
  })
})

describe('comments', () => {
  test('stand in two levels, the newest thread first; a deeper reply names whom it answers', async () => {
    const top = await says(ada, 'First.')
    const reply = await says(bob, 'Second.', top)
    await says(ada, 'Third.', reply)
    await says(bob, 'Another thread.')
    const threads = (await seen())?.threads ?? []
    expect(threads.map(({ html }) => html)).toEqual(['<p>Another thread.</p>', '<p>First.</p>'])
    expect(threads[1]?.replies.map(({ html, answers }) => [html, answers?.name])).toEqual([
      ['<p>Second.</p>', undefined],
      ['<p>Third.</p>', 'bob'],
    ])
    expect((await seen())?.comments).toBe(4)
  })

  test('markup in one is inert for everybody who meets it [commerce 73]', async () => {
    await says(ada, '<script>alert(1)</script><b onclick="x">bold</b>')
    expect((await seen())?.threads[0]?.html).toBe(
      '<p>&lt;script&gt;alert(1)&lt;/script&gt;&lt;b onclick=&quot;x&quot;&gt;bold&lt;/b&gt;</p>',
    )
  })

  test('the same form sent again, and at once, is one comment', async () => {
    const written = await form(ada)
    const all = await Promise.all(
      [1, 2, 3].map(() => inTransaction((tx) => writeComment(tx, ada, written))),
    )
    expect(new Set(all.map((one) => one.ok && one.id)).size).toBe(1)
    expect((await seen())?.comments).toBe(1)
  })

  test('deleted with a reply it leaves its place without words; without one it is gone; its words are nowhere [engage 54] [commerce 73]', async () => {
    const top = await says(ada, 'A xylograph.')
    const reply = await says(bob, 'Indeed.', top)
    expect(await inTransaction((tx) => deleteComment(tx, bob, top))).toMatchObject({
      reason: 'none',
    })
    expect(await inTransaction((tx) => deleteComment(tx, ada, top))).toMatchObject({ ok: true })
    const [thread] = (await seen())?.threads ?? []
    expect(thread).toMatchObject({ kind: 'removed', html: '', likes: 0, writer: { name: '' } })
    expect(thread?.replies.map(({ html }) => html)).toEqual(['<p>Indeed.</p>'])
    const { rows } = await sql`select from comment where body like '%xylograph%'`.execute(db())
    expect(rows).toHaveLength(0)
    expect(await write(ada, { answers: top })).toMatchObject({ ok: false, reason: 'gone' })
    await inTransaction((tx) => deleteComment(tx, bob, reply))
    expect((await seen())?.threads).toEqual([])
    await expect(
      sql`update comment set state = 'shown', body = 'again' where id = ${top}`.execute(db()),
    ).rejects.toThrow(/deleted/)
  })

  test('can be changed for 15 minutes and by nobody else; later it is refused [engage 54]', async () => {
    const id = await says(ada, 'Good papr.')
    const edit = (who: MemberActor, body: string) =>
      inTransaction((tx) => editComment(tx, who, id, body))
    expect(await edit(bob, 'Mine.')).toMatchObject({ reason: 'none' })
    expect((await seen(ada))?.threads[0]?.editable).toBe('Good papr.')
    expect((await seen(bob))?.threads[0]?.editable).toBeUndefined()
    await passTime(14 * minute)
    expect(await edit(ada, 'Good paper.')).toMatchObject({ ok: true, isShown: true })
    expect((await seen())?.threads[0]).toMatchObject({ html: '<p>Good paper.</p>', isEdited: true })
    await passTime(minute + 1_000)
    expect(await edit(ada, 'Bad paper.')).toEqual({ ok: false, reason: 'late' })
    expect((await seen(ada))?.threads[0]?.editable).toBeUndefined()
  })

  test('a link put in afterwards is looked at like a new one', async () => {
    const id = await says(ada, 'Good paper.')
    const edited = await inTransaction((tx) =>
      editComment(tx, ada, id, 'Buy https://example.com https://example.org'),
    )
    expect(edited).toMatchObject({ ok: true, isShown: false })
    expect((await seen())?.threads).toEqual([])
    expect(await queue('waiting')).toHaveLength(1)
  })

  test('closed, they stay as they are and nobody adds to them', async () => {
    await says(ada, 'First.')
    await inTransaction((tx) => closeComments(tx, owner, post.id, true))
    await inTransaction((tx) => closeComments(tx, owner, post.id, true))
    expect(await write(bob)).toEqual({ ok: false, reason: 'closed' })
    expect(await seen()).toMatchObject({ isClosed: true, comments: 1 })
    await inTransaction((tx) => closeComments(tx, owner, post.id, false))
    expect(await write(bob)).toMatchObject({ ok: true })
  })

  test('one in 15 seconds is enough, and three an hour on the first day', async () => {
    expect(await mayComment(db(), ada)).toEqual({ ok: true })
    // A window of 15 seconds may end between two of them, but not twice.
    const more = [await mayComment(db(), ada), await mayComment(db(), ada)]
    expect(more.filter(({ ok }) => !ok)).not.toEqual([])
    expect(await mayComment(db(), bob)).toEqual({ ok: true })
    for (let again = 0; again < 5; again++)
      expect(await mayComment(db(), owner)).toEqual({ ok: true })
  })

  test('the database refuses a third level, a reply below another post, and a change of place', async () => {
    const top = await says(ada, 'First.')
    const reply = await says(bob, 'Second.', top)
    const other = await aPost({ kind: 'free' })
    const row = (more: object) => ({
      id: randomUUID(),
      post_id: post.id,
      depth: 1,
      parent_id: top,
      parent_depth: 0,
      member_id: ada.memberId,
      form_id: randomUUID(),
      body: 'x',
      words_sha256: 'a'.repeat(64),
      state: 'held',
      ...more,
    })
    const insert = (more: object) => db().insertInto('comment').values(row(more)).execute()
    await insert({})
    await expect(insert({ parent_id: reply })).rejects.toThrow(/foreign key/)
    await expect(insert({ post_id: other.id })).rejects.toThrow(/foreign key/)
    await expect(insert({ parent_id: null })).rejects.toThrow(/check/)
    await expect(sql`update comment set post_id = ${other.id}`.execute(db())).rejects.toThrow()
  })
})

describe('the filter', () => {
  const mailsOfComments = async (address: string) =>
    (await mailsTo(address)).filter(({ template }) => template.startsWith('comment_'))

  test('a bot that fills the hidden field or answers in a second lands in spam, and nobody is alerted [engage 57]', async () => {
    const filled = await write(ada, { hiddenField: 'https://pills.example' })
    const quick = await write(bob, { stamp: stampOf((await nowSeconds()) + 10, bob.memberId) })
    for (const one of [filled, quick]) expect(one).toMatchObject({ ok: true, isShown: false })
    expect((await queue('spam')).map(({ standing }) => standing)).toEqual(['spam', 'spam'])
    expect(await mailsOfComments(owner.email)).toEqual([])
    expect((await seen())?.threads).toEqual([])
    // Its writer is told no more than that it waits.
    expect((await seen(ada))?.threads.map(({ kind }) => kind)).toEqual(['waiting'])
  })

  test('a stamp of somebody else, or none, counts as no proof of time', async () => {
    expect(
      await write(ada, { stamp: stampOf((await nowSeconds()) - 60, bob.memberId) }),
    ).toMatchObject({
      isShown: false,
    })
    expect(await write(bob, { stamp: '' })).toMatchObject({ isShown: false })
    expect(await queue('waiting')).toHaveLength(2)
  })

  test('a comment that is held alerts nobody but the owner; whom it answers hears of it once it is shown [engage 59]', async () => {
    const top = await says(ada, 'First.')
    const held = await write(bob, { body: 'See https://example.com', answers: top })
    expect(held).toMatchObject({ ok: true, isShown: false })
    expect((await mailsOfComments(owner.email)).map(({ template }) => template)).toEqual([
      'comment_new',
      'comment_held',
    ])
    expect(await mailsOfComments(ada.email)).toEqual([])
    const mail = (await mailsOfComments(owner.email)).at(-1)
    // What is doubtful stays out of the mail.
    expect(JSON.stringify(mail?.content)).not.toContain('example.com/')
    expect(JSON.stringify(mail)).not.toContain('See https')
    const id = held.ok ? held.id : ''
    await inTransaction((tx) => decide(tx, owner, id, 'publish'))
    expect((await mailsOfComments(ada.email)).map(({ template }) => template)).toEqual([
      'comment_reply',
    ])
    // Hidden and shown again, it is told no second time.
    await inTransaction((tx) => decide(tx, owner, id, 'hide'))
    await inTransaction((tx) => decide(tx, owner, id, 'publish'))
    expect(await mailsOfComments(ada.email)).toHaveLength(1)
  })

  test('spam is gone after 30 days', async () => {
    await write(ada, { hiddenField: 'x' })
    await passTime(29 * day)
    expect(await sweepSpam(db())).toBe(0)
    await passTime(2 * day)
    expect(await sweepSpam(db())).toBe(1)
    expect((await moderationCounts(db())).all).toBe(0)
  })
})

describe('mail about replies', () => {
  const replies = async (who: MemberActor) =>
    (await mailsTo(who.email)).filter(({ template }) => template === 'comment_reply')

  test('comes once an hour for a conversation, to whom is answered and not to who answers', async () => {
    const top = await says(ada, 'First.')
    await says(ada, 'To myself.', top)
    expect(await replies(ada)).toHaveLength(0)
    await says(bob, 'Second.', top)
    await says(bob, 'And third.', top)
    expect(await replies(ada)).toHaveLength(1)
    expect(JSON.stringify((await replies(ada))[0]?.content)).toContain('Second.')
    await passTime(61 * minute)
    await says(bob, 'Much later.', top)
    expect(await replies(ada)).toHaveLength(2)
  })

  test('ends with one press; the link is one member’s alone', async () => {
    const top = await says(ada, 'First.')
    await says(bob, 'Second.', top)
    const text = JSON.stringify((await replies(ada))[0]?.content)
    const token = /mail-off\/([\w.-]+)/.exec(text)?.[1] ?? ''
    expect(isOffToken(token)).toBe(true)
    expect((await profileOf(db(), ada))?.mailsReplies).toBe(true)
    expect(isOffToken(`${bob.memberId}.${token.split('.')[1]}`)).toBe(false)
    expect(await inTransaction((tx) => turnRepliesOff(tx, token))).toBe(true)
    expect(await inTransaction((tx) => turnRepliesOff(tx, token))).toBe(true)
    expect(await inTransaction((tx) => turnRepliesOff(tx, 'x.y'))).toBe(false)
    await passTime(61 * minute)
    await says(bob, 'Third.', top)
    expect(await replies(ada)).toHaveLength(1)
  })
})

describe('reports', () => {
  const report = (who: MemberActor, id: string) => inTransaction((tx) => reportComment(tx, who, id))

  test('three different readers hide a comment; kept by the owner, none of them reports it again [engage 56]', async () => {
    const id = await says(ada, 'Something rude.')
    const [cyd, dan, eve] = [await member('cyd'), await member('dan'), await member('eve')]
    expect(await report(ada, id)).toEqual({ ok: false, reason: 'own' })
    expect(await report(bob, id)).toMatchObject({ ok: true, isHidden: false })
    expect(await report(bob, id)).toEqual({ ok: false, reason: 'again' })
    expect(await report(cyd, id)).toMatchObject({ ok: true, isHidden: false })
    expect((await queue('waiting'))[0]).toMatchObject({ standing: 'shown', reports: 2 })
    expect(await report(dan, id)).toMatchObject({ ok: true, isHidden: true })
    expect((await seen())?.threads).toEqual([])
    expect((await mailsTo(owner.email)).at(-1)?.template).toBe('comment_reported')
    expect(await queue('waiting')).toHaveLength(1)
    expect(await inTransaction((tx) => decide(tx, owner, id, 'publish'))).toMatchObject({
      ok: true,
      standing: 'shown',
    })
    expect((await seen())?.threads).toHaveLength(1)
    expect(await queue('waiting')).toHaveLength(0)
    for (const who of [bob, cyd, dan])
      expect(await report(who, id)).toEqual({ ok: false, reason: 'again' })
    expect(await report(eve, id)).toMatchObject({ ok: true, isHidden: false })
  })

  test('three at the same moment hide it once', async () => {
    const id = await says(ada, 'Something rude.')
    const people = [bob, await member('cyd'), await member('dan')]
    await Promise.all(people.map((who) => report(who, id)))
    expect((await queue('waiting'))[0]).toMatchObject({ standing: 'reported', reports: 3 })
    const mails = (await mailsTo(owner.email)).filter(
      ({ template }) => template === 'comment_reported',
    )
    expect(mails).toHaveLength(1)
  })
})

describe('the owner', () => {
  test('decides without seeing how popular a comment is', async () => {
    const id = await says(ada, 'First.')
    const before = await queue('all')
    for (const who of [bob, owner]) await inTransaction((tx) => likeComment(tx, who, id, true))
    expect(await queue('all')).toEqual(before)
    expect(Object.keys(before[0] ?? {}).filter((key) => /like|popular|tally/i.test(key))).toEqual(
      [],
    )
  })

  test('takes a decision back; only the last one, and once', async () => {
    const id = await says(ada, 'First.')
    const decision = async (what: 'hide' | 'spam') => {
      const decided = await inTransaction((tx) => decide(tx, owner, id, what))
      return decided.ok ? decided.undo : ''
    }
    const undo = (entry: string) => inTransaction((tx) => undoDecision(tx, owner, entry))
    const hidden = await decision('hide')
    expect((await seen())?.threads).toEqual([])
    const spam = await decision('spam')
    expect(await undo(hidden)).toEqual({ ok: false, reason: 'same' })
    expect(await undo(spam)).toMatchObject({ ok: true, standing: 'hidden' })
    expect(await undo(spam)).toEqual({ ok: false, reason: 'same' })
    expect((await queue('hidden'))[0]).toMatchObject({ standing: 'hidden', undo: undefined })
    expect(await undo('999')).toEqual({ ok: false, reason: 'gone' })
    const { rows } = await sql<{
      action: string
    }>`select action from moderation_entry order by id`.execute(db())
    expect(rows.map(({ action }) => action)).toEqual(['hide', 'spam', 'undo'])
    await expect(sql`delete from moderation_entry`.execute(db())).rejects.toThrow(/append-only/)
  })

  test('is led from the mail to a page by a link that is about one comment; looking decides nothing [engage 58]', async () => {
    const held = await write(bob, { body: 'See https://example.com' })
    const id = held.ok ? held.id : ''
    const text = JSON.stringify((await mailsTo(owner.email)).at(-1)?.content)
    const token = /decide\/([\w.-]+)/.exec(text)?.[1] ?? ''
    for (let again = 0; again < 3; again++)
      expect(await commentOfToken(db(), token)).toMatchObject({
        found: 'comment',
        comment: { id, standing: 'held' },
      })
    expect(await commentOfToken(db(), `${randomUUID()}.${token.split('.')[1]}`)).toEqual({
      found: 'unknown',
    })
    expect(await commentOfToken(db(), 'x')).toEqual({ found: 'unknown' })
    expect(await inTransaction((tx) => decide(tx, 'mail', id, 'publish'))).toMatchObject({
      ok: true,
    })
    await passTime(31 * day)
    expect(await commentOfToken(db(), token)).toEqual({ found: 'old' })
    await inTransaction((tx) => deleteComment(tx, bob, id))
    expect(await commentOfToken(db(), token)).toEqual({ found: 'gone' })
  })
})

describe('people', () => {
  const wishes = {
    name: 'Ada L.',
    about: '',
    isShown: false,
    showsPicture: false,
    mailsReplies: true,
    mailsComments: true,
  }
  const save = (who: MemberActor, more: Partial<typeof wishes> = {}) =>
    inTransaction((tx) => saveProfile(tx, who, { ...wishes, ...more }))

  test('are hidden until they say otherwise, and can hide again', async () => {
    await says(ada, 'First.')
    const { handle } = (await profileOf(db(), ada)) ?? { handle: '' }
    expect((await seen())?.threads[0]?.writer).toEqual({
      kind: 'member',
      name: 'ada',
      handle: undefined,
      avatarUrl: undefined,
    })
    expect(await personAt(db(), handle)).toBeUndefined()
    expect(await save(ada, { isShown: true, about: 'I fold paper.' })).toEqual({ ok: true, handle })
    expect(await personAt(db(), handle)).toMatchObject({
      name: 'Ada L.',
      about: 'I fold paper.',
      avatarUrl: undefined,
    })
    expect((await seen())?.threads[0]?.writer).toMatchObject({ name: 'Ada L.', handle })
    await save(ada)
    expect(await personAt(db(), handle)).toBeUndefined()
    expect((await seen())?.threads[0]?.writer.handle).toBeUndefined()
  })

  test('need a name to comment, and nobody takes the owner’s', async () => {
    expect(await write(ada, { name: '' })).toMatchObject({ ok: false, reason: 'name' })
    await sql`insert into site (name, owner_name) values ('Studio Lind', 'Mara Lind')`.execute(db())
    expect(await write(ada, { name: 'mara LIND' })).toMatchObject({ ok: false, reason: 'name' })
    expect(await save(ada, { name: 'Former member' })).toMatchObject({ ok: false })
  })

  test('who leaves leaves neither name nor picture nor likes; the words are a former member’s [engage 60]', async () => {
    await save(ada, { isShown: true, showsPicture: true })
    const { handle } = (await profileOf(db(), ada)) ?? { handle: '' }
    const top = await says(ada, 'First.')
    await says(bob, 'Second.', top)
    await inTransaction((tx) => likePost(tx, ada, post.slug, true))
    const other = await says(bob, 'Third.')
    await inTransaction((tx) => likeComment(tx, ada, other, true))
    await db().deleteFrom('member').where('id', '=', ada.memberId).execute()
    const after = await seen()
    expect(after?.likes).toBe(0)
    expect(after?.threads[0]).toMatchObject({ likes: 0 })
    expect(after?.threads[1]?.writer).toEqual({
      kind: 'former',
      name: 'Former member',
      handle: undefined,
      avatarUrl: undefined,
    })
    expect(after?.threads[1]?.replies).toHaveLength(1)
    expect(await personAt(db(), handle)).toBeUndefined()
    expect(JSON.stringify(after)).not.toMatch(/Ada L|avatars/)
    expect((await queue('all')).map(({ writer }) => writer.name)).toContain('Former member')
  })
})

test('what a member opens is asked with a plan that is made once a connection, also where nobody has commented', async () => {
  const { slug } = await aPost({ kind: 'premium', anyPlan: true, planIds: [], productIds: [] })
  const kept = await inTransaction(async (tx) => {
    for (let time = 0; time < 20; time++) await postFor(tx, slug, ada, askedOfReader(tx, ada, 1))
    const { rows } = await sql<{ kept: number }>`
      select generic_plans as kept from pg_prepared_statements where statement like '%from entitlement%hasWaiting%'`.execute(
      tx,
    )
    return rows.map((row) => row.kept)
  })
  expect(kept).toHaveLength(1)
  expect(kept[0]).toBeGreaterThan(10)
})
