import { sql } from 'kysely'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { rename, requireFreshProof } from '#modules/accounts/server/index.ts'
import type { MemberActor, OwnerActor } from '#modules/accounts/types.ts'
import { endEverythingOf, subscribe } from '#modules/memberships/server/index.ts'
import { prunePayloads } from '#modules/payments/server/index.ts'
import { newId } from '#modules/platform/ids.ts'
import { audit, db, inTransaction, queueMail } from '#modules/platform/server/index.ts'
import {
  exportOf,
  forgetLastMails,
  leave,
  lookAtLeaving,
  personOf,
} from '#modules/privacy/server/index.ts'
import { impersonalTables, personalTables } from '#modules/privacy/server/store.personal-tables.ts'
import { addVersion } from '../files.ts'
import {
  brokenInvariants,
  buy,
  makeProduct,
  stripeItself,
  untilInboxIsEmpty,
  untilPaid,
  useMoney,
} from '../money.ts'
import { setUpOwner, signUp } from '../people.ts'
import { eventOf } from '../routes.ts'
import {
  aPlan,
  pressSubscribe,
  subscribed,
  subscriptionsOf,
  theSubscription,
} from '../subscribing.ts'
import { until } from '../until.ts'

const money = useMoney()
let owner: OwnerActor
let planId = ''

beforeAll(async () => {
  owner = (await setUpOwner()).actor
  planId = await aPlan(owner, { trialDays: 7 })
})
beforeEach(async () => {
  await money.sandbox.control.setChaos({})
})

const proofOf = (actor: MemberActor) => requireFreshProof(eventOf({ actor, path: '/' }), 'leave')

async function leaveNow(actor: MemberActor) {
  expect(await endEverythingOf(actor.memberId)).toEqual({ ok: true })
  const proof = await proofOf(actor)
  return inTransaction((tx) => leave(tx, proof))
}

async function taken(actor: MemberActor) {
  let text = ''
  for await (const piece of exportOf(db(), await personOf(db(), actor), 'Low Tide Studio'))
    text += piece
  return { text, parts: JSON.parse(text) as Record<string, unknown> }
}

/** Someone of whom there is something in every table that may hold something of a person; every word of theirs has the mark in it. */
async function aFullPerson(mark: string) {
  const email = `${mark}@example.com`
  const { actor } = await signUp(email)
  await inTransaction((tx) => rename(tx, actor, `Anna ${mark}`))
  const product = await makeProduct('Field Notes')
  const file = await addVersion(
    { ...product, id: product.productId, minor: product.unitMinor },
    'the first edition',
  )
  const sale = await buy(product, { id: actor.memberId, email })
  await money.sandbox.control.pay({
    session: sale.sessionId,
    email,
    name: `Anna ${mark}`,
  })
  await untilPaid(sale.checkoutId)
  const { sessionId } = await pressSubscribe(actor, planId)
  await money.sandbox.control.pay({ session: sessionId, email })
  await until('it is mirrored', async () => (await subscriptionsOf(actor)).length > 0)
  await untilInboxIsEmpty()

  const { rows } = await sql<{
    order: string
    line: string
    customer: string
    payment: string
    backend: number
    entitlement: string
  }>`
    select o.id as order, l.id as line, o.customer_id as customer, p.id as payment, p.backend_id as backend, e.id as entitlement
    from shop_order o join order_line l on l.order_id = o.id join payment p on p.checkout_id = o.checkout_id
    join entitlement e on e.source_id = l.id where o.checkout_id = ${sale.checkoutId}`.execute(db())
  const [of] = rows
  if (!of) throw new Error('Nothing was sold.')
  const { checkoutId } = sale
  const [question, coupon, dispute] = [newId(), newId(), newId()]
  const network = `${mark}-network`
  await inTransaction(async (tx) => {
    await sql`insert into product_question (id, product_id, position, question, answer_kind)
      values (${question}::uuid, ${product.productId}::uuid, 0, 'For whom?', 'line')`.execute(tx)
    await sql`insert into checkout_answer values (${checkoutId}::uuid, 0, ${question}::uuid, 'For whom?', ${mark})`.execute(
      tx,
    )
    await sql`insert into checkout_consent (checkout_id, kind, words, network)
      values (${checkoutId}::uuid, 'terms', 'The terms', ${network})`.execute(tx)
    await sql`insert into checkout_gift values (${checkoutId}::uuid, ${mark}, ${mark}, ${email}, ${mark})`.execute(
      tx,
    )
    await sql`insert into gift (order_id, redeemed_by, redeemed_at)
      values (${of.order}::uuid, ${of.customer}::uuid, clock_now())`.execute(tx)
    await sql`insert into coupon (id, code, basis_points) values (${coupon}::uuid, ${`C${newId().slice(-8).toUpperCase()}`}, 1000)`.execute(
      tx,
    )
    await sql`insert into coupon_use (checkout_id, coupon_id, person, discount_minor, state, network)
      values (${checkoutId}::uuid, ${coupon}::uuid, ${email}, 100, 'used', ${network})`.execute(tx)
    await sql`insert into plan_coupon_use (checkout_id, coupon_id, person, discount_minor, state, network)
      select id, ${coupon}::uuid, ${email}, 100, 'late', ${network} from subscription_checkout where member_id = ${actor.memberId}::uuid limit 1`.execute(
      tx,
    )
    await sql`insert into refund (id, payment_id, backend_id, stripe_refund_id, amount_minor, currency, state, reason)
      values (${newId()}::uuid, ${of.payment}::uuid, ${of.backend}, ${`re_${mark}`.slice(0, 3) + newId()}, 1, 'EUR', 'failed', ${mark})`.execute(
      tx,
    )
    await sql`insert into dispute (id, payment_id, backend_id, stripe_dispute_id, amount_minor, currency, reason, state)
      values (${dispute}::uuid, ${of.payment}::uuid, ${of.backend}, ${newId()}, 100, 'EUR', 'general', 'won')`.execute(
      tx,
    )
    await sql`insert into dispute_answer (dispute_id, kind, evidence, state)
      values (${dispute}::uuid, 'evidence', ${JSON.stringify({ text: mark })}::jsonb, 'sent')`.execute(
      tx,
    )
    await sql`insert into withdrawal (id, order_id, email, name, words, order_typed, network, state, decision, decided_by, decided_at)
      values (${newId()}::uuid, ${of.order}::uuid, ${email}, ${mark}, ${mark}, '1', ${network}, 'declined', ${mark},
        ${owner.memberId}::uuid, clock_now())`.execute(tx)
    await sql`insert into comp (customer_id, email, product_id, reason, ended_at, ended_reason)
      values (${of.customer}::uuid, ${email}, ${product.productId}::uuid, ${mark}, clock_now(), ${mark})`.execute(
      tx,
    )
    await sql`insert into given_plan (id, customer_id, plan_id, kind, reason, ended_at, ended_reason)
      values (${newId()}::uuid, ${of.customer}::uuid, ${planId}::uuid, 'comp', ${mark}, clock_now(), ${mark})`.execute(
      tx,
    )
    await sql`insert into access_log (entitlement_id, act, network, user_agent)
      values (${of.entitlement}::uuid, 'download', ${network}, ${mark})`.execute(tx)
    await sql`insert into version_notice_person (version_id, person, address, entitlement_id)
      values (${file.versionId}::uuid, ${`member:${actor.memberId}`}, ${email}, ${of.entitlement}::uuid)`.execute(
      tx,
    )
    const licence = newId()
    await sql`insert into licence (id, code, prefix, product_id, source_kind, source_id, seats_each, quantity)
      values (${licence}::uuid, ${newId()
        .replaceAll('-', '')
        .toUpperCase()
        .replaceAll(/[ILOU]/g, '0')
        .slice(0, 20)}, 'NOTES',
        ${product.productId}::uuid, 'order_line', ${of.line}::uuid, 1, 1)`.execute(tx)
    await sql`insert into licence_activation (licence_id, instance, name) values (${licence}::uuid, 'a1', ${mark})`.execute(
      tx,
    )
    await sql`insert into email_change (member_id, id, new_email, code_digest, expires_at)
      values (${actor.memberId}::uuid, ${newId()}::uuid, ${`new-${email}`}, 'x', clock_now() + interval '1 hour')`.execute(
      tx,
    )
    await sql`insert into sign_in_code (email, id, code_digest, expires_at)
      values (${email}, ${newId()}::uuid, 'x', clock_now() + interval '1 hour')`.execute(tx)
    await sql`insert into totp_factor (member_id, id, secret_sealed, confirmed_at)
      values (${actor.memberId}::uuid, ${newId()}::uuid, ${'x'.repeat(60)}, clock_now())`.execute(
      tx,
    )
    await sql`insert into passkey (member_id, credential_id, public_key, counter, is_backed_up, may_be_backed_up, name)
      values (${actor.memberId}::uuid, ${newId()}, ${Buffer.alloc(40)}, 0, false, false, ${mark})`.execute(
      tx,
    )
    await sql`insert into post_feed (member_id) values (${actor.memberId}::uuid)`.execute(tx)
    const post = newId()
    await sql`insert into post (id, slug, title) values (${post}::uuid, ${`post-${post}`}, 'A post')`.execute(
      tx,
    )
    await sql`insert into member_profile (member_id, handle, display_name, about)
      values (${actor.memberId}::uuid, ${`${mark}-1a2b3c`}, ${`Anna ${mark}`}, ${mark})`.execute(tx)
    await sql`insert into comment (id, post_id, depth, member_id, form_id, body, words_sha256, state, shown_at)
      values (${post}::uuid, ${post}::uuid, 0, ${actor.memberId}::uuid, ${newId()}::uuid, 'A kind word.', repeat('a', 64), 'shown',
        clock_now()),
      (${newId()}::uuid, ${post}::uuid, 0, ${actor.memberId}::uuid, ${newId()}::uuid, ${mark}, repeat('b', 64), 'held', null)`.execute(
      tx,
    )
    for (const table of ['post_like', 'comment_like', 'comment_report'])
      await sql`insert into ${sql.table(table)} (${sql.ref(table === 'post_like' ? 'post_id' : 'comment_id')}, member_id)
        values (${post}::uuid, ${actor.memberId}::uuid)`.execute(tx)
    await sql`insert into community_ban (member_id) values (${actor.memberId}::uuid)`.execute(tx)
    await sql`insert into newsletter_reader (member_id, wording, asked_where)
      values (${actor.memberId}::uuid, 'Send me new posts.', 'settings')`.execute(tx)
    await sql`
      with letter as (insert into post (slug, title) values (${`letter-${newId()}`}, 'A letter') returning id)
      insert into post_mail (post_id, member_id) select id, ${actor.memberId}::uuid from letter`.execute(
      tx,
    )
    // As it was kept by former versions.
    await sql`with paid as (
        select i.id, i.backend_id from subscription_invoice i join subscription s on s.id = i.subscription_id
        where s.member_id = ${actor.memberId}::uuid limit 1
      ), argued as (
        insert into subscription_dispute (id, backend_id, invoice_id, stripe_dispute_id, amount_minor, currency, reason, state)
        select ${newId()}::uuid, backend_id, id, ${newId()}, 100, 'EUR', 'general', 'won' from paid
      ) insert into subscription_refund (id, backend_id, invoice_id, stripe_refund_id, amount_minor, currency, state, reason)
        select ${newId()}::uuid, backend_id, id, ${newId()}, 1, 'EUR', 'failed', ${mark} from paid`.execute(
      tx,
    )
    await sql`insert into trial_claim (kind, person, plan_group, subscription_id)
      select 'mailbox', ${email}, 'former group', id from subscription where member_id = ${actor.memberId}::uuid`.execute(
      tx,
    )
    await sql`insert into card_try (id, invoice_id, stripe_method_id, state, due_at, settled_at, last_error)
      select ${newId()}::uuid, i.id, 'pm_1', 'refused', null, clock_now(), ${mark}
      from subscription_invoice i join subscription s on s.id = i.subscription_id where s.member_id = ${actor.memberId}::uuid`.execute(
      tx,
    )
    await sql`insert into plan (title, plan_group, tier, amount_minor, currency, interval_unit, interval_count)
        select 'Dearer', plan_group, tier, amount_minor + 1, currency, interval_unit, interval_count from plan where id = ${planId}::uuid`.execute(
      tx,
    )
    await sql`with moved as (
        insert into price_move (id, backend_id, from_plan_id, to_plan_id, notice_days, state, finished_at)
        select ${newId()}::uuid, ${of.backend}, ${planId}::uuid, id, 30, 'done', clock_now() from plan where title = 'Dearer' limit 1
        returning id
      ) insert into price_move_person (move_id, subscription_id, state, settled_at)
        select moved.id, s.id, 'left', clock_now() from moved, subscription s where s.member_id = ${actor.memberId}::uuid`.execute(
      tx,
    )
    await sql`with taken as (
        insert into occasion (id, product_id, starts_at, ends_at, blocked, seats, overlap_allowed)
        select ${newId()}::uuid, id, clock_now(), clock_now() + interval '1 hour', tstzrange(clock_now(), clock_now() + interval '1 hour'), 1, true
        from product limit 1 returning id, starts_at
      ), seat as (
        insert into appointment (id, key, occasion_id, seat, seats, customer_id, state, title, local_start, zone, owner_local_start, owner_zone,
          place_kind, place, booked_by, cancelled_by, cancelled_at, cancel_reason)
        select ${newId()}::uuid, ${newId()}, taken.id, 1, 1, customer.id, 'cancelled', 'Review', '2031-03-10T10:00', 'UTC', '2031-03-10T10:00', 'UTC',
          'link', '', 'customer', 'customer', clock_now(), ${`I am ${mark}`}
        from taken, customer where customer.member_id = ${actor.memberId}::uuid limit 1 returning id
      ), asked as (
        insert into product_question (product_id, position, question, answer_kind, asked, removed_at)
        select id, 0, 'What is it about?', 'lines', 'booking', clock_now() from product limit 1 returning id
      ), told as (
        insert into appointment_answer (appointment_id, question_id, position, question, answer)
        select seat.id, asked.id, 0, 'What is it about?', ${`About ${mark}`} from seat, asked
      ) insert into appointment_change (appointment_id, version, kind, actor_kind, starts_at)
        select seat.id, 1, 'booked', 'member', taken.starts_at from seat, taken`.execute(tx)
    await sql`insert into appointment_reminder (appointment_id, kind, version, due_at)
      select a.id, 'hour', 1, clock_now() from appointment a join customer c on c.id = a.customer_id
      where c.member_id = ${actor.memberId}::uuid`.execute(tx)
    await sql`insert into calendar_feed (member_id) values (${actor.memberId}::uuid)`.execute(tx)
    const tokens = sql`select id from token_lot where words = ${`Sorry, ${mark}`}`
    await sql`insert into token_lot (id, customer_id, source_kind, source_key, granted, valid_from, words)
      select ${newId()}::uuid, id, 'manual', ${newId()}, 2, clock_now(), ${`Sorry, ${mark}`} from customer where member_id = ${actor.memberId}::uuid limit 1`.execute(
      tx,
    )
    await sql`insert into token_entry (lot_id, customer_id, kind, delta, key, actor, reason)
      select id, customer_id, 'grant', 2, ${newId()}, 'owner', 'Given by the shop' from token_lot where id = (${tokens})`.execute(
      tx,
    )
    await sql`insert into token_use (appointment_id, customer_id, state, starts_at, version)
      select ${newId()}::uuid, customer_id, 'released', clock_now(), 1 from token_lot where id = (${tokens})`.execute(
      tx,
    )
    await sql`insert into token_debt (lot_id, customer_id, tokens)
      select id, customer_id, 1 from token_lot where id = (${tokens})`.execute(tx)
    await audit(tx, {
      actor: { kind: 'owner', memberId: owner.memberId },
      action: 'order.reassigned',
      subject: { kind: 'order', id: of.order },
      detail: { number: 1, from: email, to: 'somebody@example.com' },
    })
    await audit(tx, {
      actor: { kind: 'member', memberId: actor.memberId },
      action: 'member.password_set',
      subject: { kind: 'member', id: actor.memberId },
    })
    await queueMail(tx, {
      template: 'withdrawal_received_owner',
      entityKey: `${of.order}:told`,
      to: owner.email,
      subject: `Somebody withdrew: ${email}`,
      content: { preheader: '', heading: `Anna ${mark}`, blocks: [], footnote: email },
    })
  })
  return { actor, email, checkoutId, orderId: of.order }
}

/** Every table of the shop's own, with how many rows have a word in them. */
async function rowsWith(word: string): Promise<Record<string, number>> {
  const { rows: tables } = await sql<{ schema: string; name: string }>`
    select schemaname as schema, tablename as name from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema')`.execute(db())
  const found: Record<string, number> = {}
  for (const { schema, name } of tables) {
    const { rows } = await sql<{ count: number }>`
      select count(*) as count from ${sql.table(`${schema}.${name}`)} t where t::text ilike ${`%${word}%`}`.execute(
      db(),
    )
    if (rows[0] && rows[0].count > 0) found[name] = rows[0].count
  }
  return found
}

describe('what is held of a person', () => {
  test('is handed out whole, each kind of it, and nobody else’s [commerce 77]', async () => {
    const one = await aFullPerson('marigold')
    const other = await aFullPerson('thistle')
    const { text, parts } = await taken(one.actor)
    for (const { name, shown } of personalTables) {
      if (shown === undefined) continue
      expect([name, (parts[name] as unknown[] | undefined)?.length ?? 0]).not.toEqual([name, 0])
    }
    expect(parts['account']).toMatchObject([{ email: one.email, name: 'Anna marigold' }])
    expect(parts['orders']).toMatchObject([{ id: one.orderId, email: one.email }])
    expect(text).not.toContain('thistle')
    expect(text).not.toMatch(/password_hash|token_sha256|secret_sealed|code_digest/)
    expect((await taken(other.actor)).text).not.toContain('marigold')
    // More rows than are read at once come page after page, none twice.
    await sql`insert into access_log (entitlement_id, act)
      select e.id, 'copy' from entitlement e join customer c on c.id = e.customer_id, generate_series(1, 1203)
      where c.email = ${one.email} and e.benefit = 'product'`.execute(db())
    const long = (await taken(one.actor)).parts['downloads'] as unknown[]
    expect(long).toHaveLength(1_204)
  })

  test('is in no table that nobody thought of', async () => {
    const { rows } = await sql<{ table: string }>`
      select distinct table_name as table from information_schema.columns
      where table_schema = 'public' and (column_name ~ '(email|address|network|user_agent|visitor|person)$'
        or column_name in ('member_id', 'customer_id', 'words', 'actor_id'))
      union
      select r.relname from pg_constraint f join pg_class r on r.oid = f.conrelid join pg_class m on m.oid = f.confrelid
      where f.contype = 'f' and m.relname in ('member', 'customer')`.execute(db())
    const known = new Set([
      ...personalTables.map(({ table }) => table),
      ...Object.keys(impersonalTables),
    ])
    expect(rows.map(({ table }) => table).filter((table) => !known.has(table))).toEqual([])
    const { rows: there } = await sql<{ name: string }>`
      select tablename as name from pg_tables where schemaname = 'public'`.execute(db())
    const all = new Set(there.map(({ name }) => name))
    expect([...known].filter((name) => !all.has(name))).toEqual([])
  })

  test('is erased when they leave: not a word of it is left anywhere, and the books stay whole [commerce 77]', async () => {
    const one = await aFullPerson('larkspur')
    await aFullPerson('bracken')
    expect(Object.keys(await rowsWith('larkspur')).length).toBeGreaterThan(15)
    const before = await rowsWith('bracken')
    // What is put into the tables by hand here has no records beside it.
    const broken = await brokenInvariants()
    const [subscription] = await subscriptionsOf(one.actor)
    const order = await db()
      .selectFrom('shop_order')
      .select(['number', 'total_minor', 'placed_at'])
      .where('id', '=', one.orderId)
      .executeTakeFirstOrThrow()
    expect(await lookAtLeaving(db(), one.actor)).toMatchObject({
      hindrance: undefined,
      orders: 1,
      subscriptions: [{ id: subscription?.id }],
    })
    // The code that is proof enough has no factor beside it here.
    await sql`delete from totp_factor where member_id = ${one.actor.memberId}::uuid`.execute(db())
    await sql`delete from passkey where member_id = ${one.actor.memberId}::uuid`.execute(db())
    expect(await leaveNow(one.actor)).toEqual({ ok: true, bytes: [] })

    await until('the events of it are worked on', async () => {
      await untilInboxIsEmpty()
      return true
    })
    // What Stripe tells of the deletion itself names them once more.
    await prunePayloads(100)
    expect(await rowsWith(one.email)).toEqual({ email_message: 1 })
    const last = await db()
      .selectFrom('email_message')
      .select(['id', 'state'])
      .where('template', '=', 'account_deleted')
      .executeTakeFirstOrThrow()
    await until('the last mail is sent', async () => {
      await forgetLastMails()
      return Object.keys(await rowsWith(one.email)).length === 0
    })
    expect(last.state).toBeTruthy()
    expect(await rowsWith('larkspur')).toEqual({})
    expect(await rowsWith('bracken')).toEqual(before)

    const kept = await db()
      .selectFrom('shop_order')
      .selectAll()
      .where('id', '=', one.orderId)
      .executeTakeFirstOrThrow()
    expect(kept).toMatchObject(order)
    expect(kept.email).toMatch(/^former-.*@erased\.invalid$/)
    const stripe = stripeItself()
    const there = await stripe.subscriptions.retrieve(subscription?.stripe_subscription_id ?? '')
    expect(there.status).toBe('canceled')
    expect(await stripe.customers.retrieve(subscription?.stripe_customer_id ?? '')).toMatchObject({
      deleted: true,
    })
    expect(await brokenInvariants()).toEqual(broken)

    // Whoever signs up there again is somebody new, without the orders, and without a second trial.
    const { actor: again } = await signUp(one.email)
    expect(again.memberId).not.toBe(one.actor.memberId)
    expect(await lookAtLeaving(db(), again)).toMatchObject({ orders: 0, subscriptions: [] })
    const led = await subscribe(again, planId)
    expect(led.ok).toBe(true)
    const { trial_days: trialDays } = await db()
      .selectFrom('subscription_checkout')
      .select('trial_days')
      .where('member_id', '=', again.memberId)
      .executeTakeFirstOrThrow()
    expect(trialDays).toBe(0)
  })

  test('waits for whoever is at the subscription just then: what was ended there is ended here before anything is erased', async () => {
    const { member, one } = await subscribed(money, planId)
    // An event of it is being worked on, for a moment.
    await db()
      .insertInto('sync_lease')
      .values({
        group_key: one.stripe_subscription_id,
        holder: newId(),
        leased_until: sql<Date>`machine_now() + interval '700 milliseconds'`,
      })
      .onConflict((conflict) =>
        conflict
          .column('group_key')
          .doUpdateSet({ leased_until: sql<Date>`machine_now() + interval '700 milliseconds'` }),
      )
      .execute()
    expect(await endEverythingOf(member.memberId)).toEqual({ ok: true })
    expect((await theSubscription(member)).status).toBe('canceled')
  })

  test('stays while Stripe cannot be reached, and nothing is half done', async () => {
    const { actor } = await signUp(`${newId()}@example.com`)
    const { sessionId } = await pressSubscribe(actor, planId)
    await money.sandbox.control.pay({ session: sessionId })
    await until('it is mirrored', async () => (await subscriptionsOf(actor)).length > 0)
    await untilInboxIsEmpty()
    const proof = await proofOf(actor)
    await money.sandbox.control.setChaos({
      api: { error_before: 1, paths: ['/v1/subscriptions', '/v1/customers'] },
    })
    expect(await endEverythingOf(actor.memberId)).toEqual({ ok: false, reason: 'unreachable' })
    // A subscription that lives keeps the account, whatever called it.
    expect(await inTransaction((tx) => leave(tx, proof))).toEqual({
      ok: false,
      reason: 'subscribed',
    })
    await money.sandbox.control.setChaos({})
    expect(await leaveNow(actor)).toMatchObject({ ok: true })
  })

  test('is erased once when it is asked for twice at once', async () => {
    const { actor } = await signUp(`${newId()}@example.com`)
    const proof = await proofOf(actor)
    const results = await Promise.all([1, 2].map(() => inTransaction((tx) => leave(tx, proof))))
    expect(results.filter(({ ok }) => ok)).toHaveLength(1)
    expect(results.find(({ ok }) => !ok)).toEqual({ ok: false, reason: 'gone' })
  })

  test('stays while money is on its way, and the owner’s account stays', async () => {
    const one = await aFullPerson('sorrel')
    await sql`delete from totp_factor where member_id = ${one.actor.memberId}::uuid`.execute(db())
    await sql`delete from passkey where member_id = ${one.actor.memberId}::uuid`.execute(db())
    const hindrance = async () => (await lookAtLeaving(db(), one.actor)).hindrance
    expect(await hindrance()).toBeUndefined()
    await sql`update refund set state = 'pending' where reason = 'sorrel'`.execute(db())
    expect(await hindrance()).toBe('refund')
    const proof = await proofOf(one.actor)
    expect(await endEverythingOf(one.actor.memberId)).toEqual({ ok: true })
    expect(await inTransaction((tx) => leave(tx, proof))).toEqual({ ok: false, reason: 'refund' })
    await sql`update refund set state = 'failed' where reason = 'sorrel'`.execute(db())
    await sql`update shop_order set is_disputed = true where id = ${one.orderId}::uuid`.execute(
      db(),
    )
    expect(await hindrance()).toBe('dispute')
    await sql`update shop_order set is_disputed = false where id = ${one.orderId}::uuid`.execute(
      db(),
    )
    await sql`insert into withdrawal (id, email) values (${newId()}::uuid, ${one.email})`.execute(
      db(),
    )
    expect(await hindrance()).toBe('withdrawal')
    expect((await lookAtLeaving(db(), owner)).hindrance).toBe('owner')
    const ownersProof = await proofOf(owner)
    expect(await inTransaction((tx) => leave(tx, ownersProof))).toEqual({
      ok: false,
      reason: 'owner',
    })
  })

  test('a declaration and the record of acts refuse every other change', async () => {
    const one = await aFullPerson('yarrow')
    const refused = (statement: string) =>
      expect(sql.raw(statement).execute(db())).rejects.toMatchObject({ code: '23001' })
    const of = `where email = '${one.email}'`
    await refused(`update withdrawal set words = 'never said' ${of}`)
    await refused(`update withdrawal set erased_at = clock_now(), name = '', network = null ${of}`)
    await refused(`delete from withdrawal ${of}`)
    await refused(`update audit_entry set detail = detail || '{"from": "somebody"}'`)
    await refused(`update audit_entry set detail = detail - 'from' where detail ? 'from'`)
    await refused(`update audit_entry set action = 'nothing'`)
    await refused(`delete from audit_entry`)
    await refused(`update checkout_consent set words = 'more'`)
    await refused(`update checkout_consent set network = 'elsewhere'`)
  })
})
