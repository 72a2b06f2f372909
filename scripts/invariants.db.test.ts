import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { newId } from '#modules/platform/ids.ts'
import { db, inTransaction, startJobs, stopJobs, type Tx } from '#modules/platform/server/index.ts'
import { emptyBeforeEach, useDatabase } from '../test/database.ts'
import { signUp } from '../test/people.ts'
import { aProduct, sell } from '../test/sales.ts'
import { durability, invariants } from './invariants.ts'

useDatabase()
emptyBeforeEach()

async function count(invariant: { readonly sql: string }, via = db()): Promise<number> {
  const { rows } = await sql<{ broken: number }>`${sql.raw(invariant.sql)}`.execute(via)
  return Number(rows[0]?.broken)
}

test.each(invariants.map((invariant) => [invariant.id, invariant]))(
  '%s can be asked and holds on an empty shop',
  async (_id, invariant) => {
    expect(await count(invariant)).toBe(0)
  },
)

const aPlan = `insert into plan (id, title, amount_minor, currency, interval_unit, interval_count)
     values ({line}, 'Gold', 900, 'EUR', 'month', 1) on conflict do nothing;
     insert into plan_event (plan_id, what, at) select {line}, 'created', clock_now() - interval '1 day' where not exists (select from plan_event)`

const aSubscription = (id: string, stripeId: string) => `${aPlan};
     insert into subscription (id, backend_id, stripe_subscription_id, stripe_customer_id, customer_id, plan_id, plan_group, status,
       amount_minor, currency, interval_unit, interval_count, started_at, digest)
     select ${id}, backend_id, '${stripeId}', 'cus_1', (select customer_id from shop_order), {line}, 'Membership', 'active',
       900, 'EUR', 'month', 1, clock_now(), '' from checkout`

/** A subscription, and its payment. */
const anInvoice = `${aSubscription('{id}', 'sub_1')};
     insert into subscription_invoice (id, backend_id, subscription_id, stripe_invoice_id, status, reason, due_minor, paid_minor, currency, made_at)
     select id, backend_id, id, 'in_1', 'paid', 'subscription_create', 900, 900, 'EUR', clock_now() from subscription`

const anOccasion = (id: string) =>
  `insert into occasion (id, product_id, starts_at, ends_at, blocked, seats)
     select ${id}::uuid, id, '2031-03-10T10:00Z', '2031-03-10T11:00Z', '[2031-03-10T10:00Z, 2031-03-10T11:00Z)', 1 from product limit 1`

const aSeat = (id: string, occasion: string) =>
  `insert into appointment (id, key, occasion_id, seat, seats, customer_id, title, local_start, zone, owner_local_start, owner_zone, place_kind, place, booked_by)
     select ${id}::uuid, ${id}, ${occasion}::uuid, 1, 1, customer_id, 'Review', '2031-03-10T10:00', 'UTC', '2031-03-10T10:00', 'UTC', 'link', '', 'owner'
     from shop_order`

/** Two tokens, of which as many are left as a breach says; entries come past the trigger that counts them. */
const aLot = (left = 2) =>
  `insert into token_lot (id, customer_id, source_kind, source_key, granted, remaining, valid_from)
     select {id}::uuid, customer_id, 'manual', 'one', 2, ${left}, clock_now() from shop_order;
   insert into token_entry (lot_id, customer_id, kind, delta, key, actor, reason)
     select id, customer_id, 'grant', 2, 'grant', 'owner', 'why' from token_lot`

const anEntry = (kind: string, delta: number, key = kind) =>
  `insert into token_entry (lot_id, customer_id, kind, delta, key, actor, reason, appointment_id)
     select id, customer_id, '${kind}', ${delta}, '${key}', 'system', 'why', {order} from token_lot`

const aUse = (state: string) =>
  `insert into token_use (appointment_id, customer_id, state, lot_id, starts_at, version)
     select {order}, customer_id, '${state}', id, clock_now(), 1 from token_lot`

const anAllotment = `${anInvoice};
     insert into allotment (invoice_id, subscription_id, tokens, period_started_at, period_ends_at)
     select id, id, 4, '2031-03-01', '2031-04-01' from subscription`

/**
 * Breaches that the database or the program would refuse, written past both. What an invariant is worth is that it sees
 * each of them. {order}, {line}, {checkout}, {payment}, {entitlement}, {member}, {id}: of the shop below.
 */
const breaches: readonly (readonly [id: string, what: string, statements: string])[] = [
  ['I01', 'a paid checkout without an order', `delete from shop_order where id = {order}`],
  ['I01', 'an order nobody paid', `update checkout set state = 'open' where id = {checkout}`],
  ['I01', 'an order without its payment', `delete from payment where id = {payment}`],
  [
    'I01',
    'two orders of one checkout',
    `alter table shop_order drop constraint shop_order_checkout_id_key;
     insert into shop_order select {id}, 9999, checkout_id, customer_id, email, buyer_name, country, currency, total_minor, tax_minor,
       refunded_minor, is_disputed, is_dispute_lost, mode, placed_at from shop_order where id = {order}`,
  ],
  ['I02', 'a paid line that opens nothing', `delete from entitlement where id = {entitlement}`],
  [
    'I02',
    'a line that opens twice',
    `insert into entitlement (customer_id, benefit, subject_id, source_kind, source_id)
     select {id}, benefit, subject_id, source_kind, source_id from entitlement where id = {entitlement}`,
  ],
  [
    'I02',
    'goods that are somebody else’s than the buyer’s',
    `insert into customer (id, email) values ({id}, 'eve@example.com');
     update entitlement set customer_id = {id} where id = {entitlement}`,
  ],
  [
    'I02',
    'goods that were moved away from the buyer and to nobody',
    `update entitlement set state = 'revoked', reason = 'reassigned' where id = {entitlement}`,
  ],
  ['I02', 'goods of a gift that nobody took', `insert into gift (order_id) values ({order})`],
  [
    'I09',
    'more uses of one person than they may have',
    `insert into coupon (id, code, basis_points, most_uses_per_customer, uses, updated_at)
       values ({id}, 'EACH', 100, 1, 2, clock_now() - interval '1 day');
     insert into coupon_use (checkout_id, coupon_id, discount_minor, state, person)
       values ({checkout}, {id}, 5, 'used', 'ada@example.com'), ({id}, {id}, 5, 'used', 'ada@example.com')`,
  ],
  ['I03', 'goods whose line is gone', `delete from order_line where id = {line}`],
  [
    'I03',
    'goods from nowhere',
    `insert into entitlement (customer_id, benefit, subject_id, source_kind, source_id)
     select customer_id, benefit, subject_id, 'comp', {id} from entitlement where id = {entitlement}`,
  ],
  [
    'I03',
    'a plan that was given and opens nothing',
    `${aPlan}; insert into given_plan (id, customer_id, plan_id, kind, reason)
     select {id}, customer_id, {line}, 'comp', 'why' from shop_order`,
  ],
  [
    'I03',
    'a plan that was given until a day and opens past it',
    `${aPlan}; insert into given_plan (id, customer_id, plan_id, kind, reason, comp_ends_at)
     select {id}, customer_id, {line}, 'comp', 'why', clock_now() from shop_order;
     insert into entitlement (customer_id, benefit, subject_id, source_kind, source_id)
     select customer_id, 'plan', plan_id, 'comp', id from given_plan`,
  ],
  [
    'I06',
    'two live subscriptions of one customer in a group',
    `drop index subscription_one_live; ${aSubscription('{id}', 'sub_1')}; ${aSubscription('{order}', 'sub_2')}`,
  ],
  ['I06', 'a subscription that is paid and opens nothing', aSubscription('{id}', 'sub_1')],
  [
    'I06',
    'a subscription that has ended and still opens its plan',
    `${aSubscription('{id}', 'sub_1')}; update subscription set status = 'canceled';
     insert into entitlement (customer_id, benefit, subject_id, source_kind, source_id)
     select customer_id, 'plan', plan_id, 'subscription', id from subscription`,
  ],
  [
    'I06',
    'a cancelled subscription that opens its plan past its end',
    `${aSubscription('{id}', 'sub_1')}; update subscription set cancels_by = 'date', cancels_at = clock_now() - interval '1 minute';
     insert into entitlement (customer_id, benefit, subject_id, source_kind, source_id)
     select customer_id, 'plan', plan_id, 'subscription', id from subscription`,
  ],
  [
    'I07',
    'somebody who subscribed to a disabled plan',
    `${aSubscription('{id}', 'sub_1')}; insert into plan_event (plan_id, at, what) select id, clock_now() - interval '1 hour', 'disabled' from plan;
     update plan set is_enabled = false;
     insert into subscription_event (subscription_id, what, status, plan_id, cause, currency) select id, 'begun', status, plan_id, 'test', 'EUR' from subscription`,
  ],
  [
    'I07',
    'a plan that was disabled behind the record’s back',
    `${aPlan}; update plan set is_enabled = false`,
  ],
  [
    'I07',
    'a subscriber who pays another price than their plan’s',
    `${aSubscription('{id}', 'sub_1')};
     insert into plan_price (plan_id, backend_id, stripe_price_id, due_at) select plan.id, backend_id, 'price_1', null from plan, checkout;
     insert into subscription_item (subscription_id, stripe_item_id, stripe_price_id, plan_id, quantity, amount_minor)
     select id, 'si_1', 'price_2', plan_id, 1, 900 from subscription`,
  ],
  ['I04', 'an order of more than was paid', `update shop_order set total_minor = total_minor + 1`],
  ['I04', 'a payment of less than was asked', `update payment set amount_minor = amount_minor - 1`],
  ['I04', 'another currency', `update payment set currency = 'USD'`],
  [
    'I04',
    'lines that do not add up',
    `alter table order_line drop constraint order_line_adds_up; update order_line set unit_minor = unit_minor + 1`,
  ],
  [
    'I05',
    'a refund that the payment does not know of',
    `insert into refund (id, payment_id, backend_id, amount_minor, currency, state)
     select {id}, id, backend_id, 500, currency, 'succeeded' from payment`,
  ],
  [
    'I05',
    'goods that stayed open after a whole refund',
    `insert into refund (id, payment_id, backend_id, amount_minor, currency, state)
       select {id}, id, backend_id, amount_minor, currency, 'succeeded' from payment;
     update payment set refunded_minor = amount_minor; update shop_order set refunded_minor = total_minor`,
  ],
  [
    'I05',
    'goods that are open while the payment is disputed',
    `insert into dispute (id, payment_id, backend_id, stripe_dispute_id, amount_minor, currency, reason, state)
       select {id}, id, backend_id, 'du_1', amount_minor, currency, 'fraudulent', 'needs_response' from payment;
     update shop_order set is_disputed = true`,
  ],
  [
    'I05',
    'a lost dispute that the order does not know of',
    `insert into dispute (id, payment_id, backend_id, stripe_dispute_id, amount_minor, currency, reason, state)
       select {id}, id, backend_id, 'du_1', amount_minor, currency, 'fraudulent', 'lost' from payment`,
  ],
  [
    'I05',
    'goods that stayed closed when the money was back',
    `update entitlement set state = 'revoked', reason = 'refunded'`,
  ],
  [
    'I05',
    'a line that tells of a refund nobody made',
    `update order_line set refunded_minor = 100`,
  ],
  [
    'I05',
    'a line that was returned whole and still opens',
    `insert into refund (id, payment_id, backend_id, amount_minor, currency, state)
       select {id}, id, backend_id, 1200, currency, 'succeeded' from payment;
     insert into refund_line (refund_id, order_line_id, amount_minor, quantity) values ({id}, {line}, 1200, 1);
     update order_line set refunded_minor = 1200, refunded_quantity = 1;
     update payment set refunded_minor = 1200; update shop_order set refunded_minor = 1200`,
  ],
  [
    'I05',
    'a payment of a subscription of which more went back than is told',
    `${anInvoice}; insert into subscription_refund (id, backend_id, invoice_id, amount_minor, currency, state)
       select {line}, backend_id, id, 500, 'EUR', 'succeeded' from subscription_invoice`,
  ],
  [
    'I05',
    'a payment of a subscription of which more went back than was paid',
    `${anInvoice}; insert into subscription_refund (id, backend_id, invoice_id, amount_minor, currency, state)
       select {line}, backend_id, id, 1000, 'EUR', 'succeeded' from subscription_invoice;
     alter table subscription_invoice drop constraint subscription_invoice_refunded_fits;
     update subscription_invoice set refunded_minor = 1000; update subscription set money = 'refunded'`,
  ],
  [
    'I05',
    'a subscription that stays open after the whole of its payment went back',
    `${anInvoice}; insert into subscription_refund (id, backend_id, invoice_id, amount_minor, currency, state)
       select {line}, backend_id, id, 900, 'EUR', 'succeeded' from subscription_invoice;
     update subscription_invoice set refunded_minor = 900`,
  ],
  [
    'I05',
    'a subscription that is not ended though a dispute about it was lost',
    `${anInvoice}; insert into subscription_dispute (id, backend_id, invoice_id, stripe_dispute_id, amount_minor, currency, reason, state)
       select {line}, backend_id, id, 'du_1', 900, 'EUR', 'fraudulent', 'lost' from subscription_invoice;
     update subscription set money = 'disputed'`,
  ],
  [
    'I06',
    'a subscription that opens its plan while a payment of it is disputed',
    `${aSubscription('{id}', 'sub_1')}; update subscription set money = 'disputed';
     insert into entitlement (customer_id, benefit, subject_id, source_kind, source_id)
     select customer_id, 'plan', plan_id, 'subscription', id from subscription`,
  ],
  [
    'I24',
    'a refund of a subscription’s payment without its audit row',
    `${anInvoice}; insert into subscription_refund (id, backend_id, invoice_id, amount_minor, currency, state, does_then, requested_by)
       select {line}, backend_id, id, 100, 'EUR', 'failed', 'keep', {member} from subscription_invoice`,
  ],
  [
    'I09',
    'a use that nobody counted',
    `update checkout set discount_minor = 5;
     insert into coupon (id, code, basis_points) values ({id}, 'MANY', 100);
     insert into coupon_use (checkout_id, coupon_id, discount_minor, state) values ({checkout}, {id}, 5, 'used')`,
  ],
  [
    'I09',
    'a use of a plan’s coupon that nobody counted',
    `insert into coupon (id, code, basis_points, plan_duration, covers_all_plans, covers_all) values ({id}, 'PLANS', 100, 'once', true, false);
     insert into coupon_at_stripe (id, coupon_id, backend_id, basis_points, duration) select {id}, {id}, id, 100, 'once' from stripe_backend limit 1;
     insert into plan (id, title, amount_minor, currency, interval_unit, interval_count) values ({id}, 'Any', 500, 'EUR', 'month', 1);
     insert into subscription_checkout (id, backend_id, plan_id, trial_days, state, finished_at, coupon_at_stripe_id)
       select {id}, id, {id}, 0, 'expired', clock_now(), {id} from stripe_backend limit 1;
     insert into plan_coupon_use (checkout_id, coupon_id, state) values ({id}, {id}, 'held')`,
  ],
  [
    'I09',
    'more uses than there may be',
    `alter table coupon drop constraint coupon_is_used_up;
     update checkout set discount_minor = 5;
     insert into coupon (id, code, basis_points, most_uses, uses) values ({id}, 'ONE', 100, 1, 1);
     insert into coupon_use (checkout_id, coupon_id, discount_minor, state) values ({checkout}, {id}, 5, 'used');
     alter table coupon drop constraint coupon_most_uses_check; update coupon set most_uses = 0`,
  ],
  [
    'I09',
    'a use that is held for a checkout that is over',
    `update checkout set discount_minor = 5;
     insert into coupon (id, code, basis_points, uses) values ({id}, 'HELD', 100, 1);
     insert into coupon_use (checkout_id, coupon_id, discount_minor, state) values ({checkout}, {id}, 5, 'held')`,
  ],
  [
    'I08',
    'a refund that Stripe was never heard of for a day',
    `insert into refund (id, payment_id, backend_id, amount_minor, currency, state, created_at)
     select {id}, id, backend_id, 500, currency, 'requested', clock_now() - interval '2 days' from payment`,
  ],
  [
    'I08',
    'a checkout that got no session for a day',
    `update checkout set state = 'open', stripe_session_id = null, created_at = clock_now() - interval '2 days'`,
  ],
  ...[
    ['a seat that nobody has', `update licence set seats_used = 1, seats_each = 2`],
    [
      'more activations than seats',
      `alter table licence drop constraint licence_seats_suffice;
       insert into licence_activation (licence_id, instance) select id, 'a' from licence;
       insert into licence_activation (licence_id, instance) select id, 'b' from licence;
       update licence set seats_used = 2`,
    ],
    ['seats for more than was bought', `update licence set quantity = 2`],
    ['a key of nothing', `update licence set source_id = {id}`],
    ['a buyer without a key', `delete from licence; update licence_offer set owes_earlier = false`],
  ].map(([what = '', statements = '']) => ['I30', what, statements] as const),
  [
    'I17',
    'two accounts for one address',
    `alter table member drop constraint member_email_key;
     insert into member (email) select email from member where id = {member}`,
  ],
  [
    'I17',
    'a purchase that its proven buyer does not see',
    `insert into customer (email) select email from member where id = {member}`,
  ],
  [
    'I17',
    'a purchase claimed by nobody',
    `insert into customer (email, claimed_at) values ('who@example.com', clock_now())`,
  ],
  [
    'I18',
    'a file nothing refers to',
    `insert into stored_file (id, storage_key, file_name, media_type, byte_size, sha256, created_at)
     values ({id}, 'downloads/x', 'x', 'text/plain', 1, repeat('a', 64), clock_now() - interval '3 days')`,
  ],
  [
    'I18',
    'a file without a checksum',
    `insert into stored_file (id, storage_key, file_name, media_type, byte_size, sha256)
     values ({id}, 'downloads/x', 'x', 'text/plain', 1, repeat(' ', 64))`,
  ],
  ['I21', 'an order without a receipt', `delete from email_message where template = 'receipt'`],
  [
    'I21',
    'two receipts',
    `alter table email_message drop constraint email_message_template_entity_key_key;
     insert into email_message (template, entity_key, to_address, subject, content, message_id)
     select template, entity_key, to_address, subject, content, 'other' from email_message where template = 'receipt'`,
  ],
  [
    'I21',
    'a mail that a dead process holds',
    `update email_message set state = 'sending', leased_until = machine_now() - interval '2 hours'`,
  ],
  [
    'I22',
    'an event that nobody works on',
    `insert into stripe_event (id, backend_id, type, group_key, created_at_stripe, source, payload, next_attempt_at)
     select 'evt_1', id, 'charge.refunded', 'pi_1', clock_now(), 'webhook', '{}', clock_now() - interval '2 hours' from stripe_backend`,
  ],
  [
    'I23',
    'a job whose worker died long ago',
    `insert into pgboss.job (name, state, started_on, expire_seconds)
     values ('test.nothing', 'active', now() - interval '1 day', 60)`,
  ],
  [
    'I24',
    'a refund of the owner’s without its audit row',
    `insert into refund (id, payment_id, backend_id, amount_minor, currency, state, requested_by)
     select {id}, id, backend_id, 500, currency, 'failed', {member} from payment`,
  ],
  [
    'I24',
    'a second refund of the owner’s that only the first one’s audit row would excuse',
    `insert into audit_entry (actor_kind, action, subject_kind, subject_id) values ('owner', 'order.refund_requested', 'order', {order});
     insert into refund (id, payment_id, backend_id, amount_minor, currency, state, requested_by)
     select unnest(array[{id}, {line}]::uuid[]), id, backend_id, 500, currency, 'failed', {member} from payment`,
  ],
  [
    'I24',
    'a refund given to a line by nobody',
    `insert into refund_line (refund_id, order_line_id, amount_minor) values ({id}, {line}, 100)`,
  ],
  ['I24', 'an order that nobody moved', `update shop_order set link_version = 1`],
  [
    'I24',
    'something given by nobody',
    `insert into comp (customer_id, email, product_id, reason)
     select o.customer_id, o.email, l.product_id, 'why' from shop_order o join order_line l on l.order_id = o.id`,
  ],
  [
    'I24',
    'a plan given by nobody',
    `${aPlan}; insert into given_plan (id, customer_id, plan_id, kind, reason)
     select {id}, customer_id, {line}, 'comp', 'why' from shop_order`,
  ],
  [
    'I24',
    'an answer to a bank that nobody gave',
    `insert into dispute_answer (dispute_id, kind) values ({id}, 'acceptance')`,
  ],
  [
    'I24',
    'a withdrawal that nobody decided',
    `insert into withdrawal (id, email, state, decided_at) values ({id}, 'ada@example.com', 'accepted', clock_now())`,
  ],
  [
    'I24',
    'a coupon from nowhere',
    `insert into coupon (code, basis_points) values ('FREE', 10000)`,
  ],
  [
    'I27',
    'one number for two orders',
    `alter table shop_order drop constraint shop_order_number_key, drop constraint shop_order_checkout_id_key;
     insert into shop_order select {id}, number, checkout_id, customer_id, email, buyer_name, country, currency, total_minor, tax_minor,
       refunded_minor, is_disputed, is_dispute_lost, mode, placed_at from shop_order where id = {order}`,
  ],
  [
    'I25',
    'a sum of likes that nobody gave',
    `insert into post_tally (post_id, likes) values ({id}, 1)`,
  ],
  [
    'I25',
    'a like that is not in the sum',
    `insert into post_like (post_id, member_id) values ({id}, {member})`,
  ],
  [
    'I25',
    'a comment that is not in the sum',
    `insert into comment (id, post_id, depth, member_id, form_id, body, words_sha256, state, shown_at)
       values ({id}, {id}, 0, {member}, {id}, 'x', repeat('a', 64), 'shown', now())`,
  ],
  [
    'I25',
    'a sum of likes of a comment that nobody gave',
    `insert into comment_tally (comment_id, likes) values ({id}, 2)`,
  ],
  [
    'I28',
    'a moved clock where real money is',
    `update clock set offset_ms = 1; update shop_order set mode = 'live'`,
  ],
  ['I11', 'tokens from nowhere', `${aLot()}; update token_lot set remaining = 1`],
  [
    'I11',
    'tokens that were used before they were given',
    `${aLot(2)}; delete from token_entry; ${anEntry('hold', -1)}; ${anEntry('release', 1)}; ${aUse('released')}; update token_lot set remaining = 0`,
  ],
  [
    'I12',
    'an appointment that uses two tokens',
    `${aLot(0)}; ${anEntry('hold', -1)}; ${anEntry('hold', -1, 'again')}; ${aUse('held')}`,
  ],
  [
    'I12',
    'a token that came back from nothing',
    `${aLot(1)}; ${anEntry('adjust', -2)}; ${anEntry('release', 1)}; ${aUse('released')}`,
  ],
  ['I12', 'an appointment that says it has a token', `${aLot()}; ${aUse('held')}`],
  ['I12', 'a token held for what nobody knows', `${aLot(1)}; ${anEntry('hold', -1)}`],
  [
    'I13',
    'two allotments of one period',
    `${anAllotment};
     insert into subscription_invoice (id, backend_id, subscription_id, stripe_invoice_id, status, reason, due_minor, paid_minor, currency, made_at)
     select {line}, backend_id, id, 'in_2', 'paid', 'subscription_cycle', 900, 900, 'EUR', clock_now() from subscription;
     insert into allotment (invoice_id, subscription_id, tokens, period_started_at, period_ends_at)
     select {line}, id, 4, '2031-03-01', '2031-04-01' from subscription`,
  ],
  [
    'I13',
    'a lot of more than was allotted',
    `${anAllotment};
     insert into token_lot (id, customer_id, source_kind, source_key, subscription_id, invoice_id, granted, remaining, valid_from)
     select {line}, customer_id, 'plan_period', 'plan', id, id, 5, 0, '2031-03-01' from subscription`,
  ],
  [
    'I14',
    'two occasions that share a minute',
    `alter table occasion drop constraint occasion_no_overlap;
     ${anOccasion('{id}')}; ${anOccasion('{order}')}; ${aSeat('{id}', '{id}')}; ${aSeat('{order}', '{order}')}`,
  ],
  ['I14', 'an occasion that stands with nobody in it', anOccasion('{id}')],
  [
    'I14',
    'two with one seat',
    `drop index appointment_has_its_seat; drop index appointment_once_each;
     ${anOccasion('{id}')}; ${aSeat('{id}', '{id}')}; ${aSeat('{order}', '{id}')}`,
  ],
  [
    'I14',
    'an overlap that nobody is on record for',
    `${anOccasion('{id}')}; ${aSeat('{id}', '{id}')}; update occasion set overlap_allowed = true`,
  ],
  [
    'I15',
    'a session that nobody used',
    `insert into session_right (id, source_kind, source_id, product_id, granted, used) select {id}, 'comp', {id}, id, 2, 1 from product limit 1`,
  ],
  [
    'I15',
    'two appointments of one purchase that stand',
    `insert into session_right (id, source_kind, source_id, product_id, granted, used) select {id}, 'comp', {id}, id, 2, 2 from product limit 1;
     drop index appointment_one_active_of_right; alter table occasion drop constraint occasion_no_overlap;
     ${anOccasion('{id}')}; ${anOccasion('{order}')}; ${aSeat('{id}', '{id}')}; ${aSeat('{order}', '{order}')};
     update appointment set right_id = {id}`,
  ],
  [
    'I15',
    'an appointment with the sessions of something else',
    `insert into session_right (id, source_kind, source_id, product_id, granted, used) select {id}, 'comp', {id}, {id}, 1, 1;
     ${anOccasion('{id}')}; ${aSeat('{id}', '{id}')}; update appointment set right_id = {id}`,
  ],
  [
    'I15',
    'a service that was bought and brought no sessions',
    `update product set kind = 'service'`,
  ],
  [
    'I28',
    'a second clock',
    `alter table clock drop constraint clock_pkey; insert into clock default values`,
  ],
]

test('each invariant has a breach that shows it failing', () => {
  expect([...new Set(breaches.map(([id]) => id))].toSorted()).toEqual(
    invariants.map(({ id }) => id).toSorted(),
  )
})

const undone = new Error('taken back')

/** Writes the breach past triggers and foreign keys, counts, and takes it back. */
async function brokenBy(id: string, statements: string, names: Record<string, string>) {
  const invariant = invariants.find((one) => one.id === id)
  if (!invariant) throw new Error(`There is no invariant ${id}.`)
  let counted = 0
  const plant = async (tx: Tx) => {
    await sql`set local session_replication_role = replica`.execute(tx)
    for (const statement of statements.split(';'))
      await sql
        .raw(statement.replace(/\{(\w+)\}/g, (_, name: string) => `'${names[name]}'`))
        .execute(tx)
    counted = await count(invariant, tx)
    throw undone
  }
  await expect(inTransaction(plant)).rejects.toBe(undone)
  return counted
}

test.each(breaches)('%s sees %s', async (id, _what, statements) => {
  const { actor } = await signUp('ada@example.com')
  const product = await aProduct()
  await db()
    .insertInto('licence_offer')
    .values({ product_id: product.id, is_on: true, seats: 1 })
    .execute()
  const order = await sell([product], {
    email: 'ada@example.com',
    memberId: actor.memberId,
  })
  if (id === 'I23') {
    await startJobs([{ name: 'test.nothing', handle: async () => undefined }], { workers: false })
    await stopJobs()
  }
  for (const invariant of invariants) expect(await count(invariant), invariant.id).toBe(0)
  const line = order.lines[0]?.id ?? ''
  const one = async (table: 'payment' | 'entitlement') =>
    (await db().selectFrom(table).select('id').executeTakeFirstOrThrow()).id
  const names = {
    id: newId(),
    order: order.id,
    checkout: order.checkoutId,
    line,
    member: actor.memberId,
    payment: await one('payment'),
    entitlement: await one('entitlement'),
  }
  expect(await brokenBy(id, statements, names)).toBeGreaterThan(0)
})

test('I18 knows every table that refers to stored files', async () => {
  const { rows } = await sql<{ holder: string }>`
    select distinct conrelid::regclass::text as holder from pg_constraint
    where contype = 'f' and confrelid = 'stored_file'::regclass
  `.execute(db())
  const asked = invariants.find(({ id }) => id === 'I18')?.sql ?? ''
  expect(rows.filter(({ holder }) => !asked.includes(`from ${holder} `))).toEqual([])
})

test('I19 sees a database that does not wait for its disk', async () => {
  const counted = await inTransaction(async (tx) => {
    await sql`set local synchronous_commit = on`.execute(tx)
    const before = await count(durability, tx)
    await sql`set local synchronous_commit = off`.execute(tx)
    return (await count(durability, tx)) - before
  })
  expect(counted).toBe(1)
})
