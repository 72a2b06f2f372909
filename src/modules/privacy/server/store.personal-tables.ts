import { sql, type RawBuilder } from 'kysely'
import { mailboxOf } from '#modules/platform/email-address.ts'
import type { Person } from '../types.ts'

/** Columns and what they become, as written after `set`. */
export interface Change {
  readonly set: string
}
export const deleted = 'deleted'

export interface PersonalTable {
  /** What it is called in the export. */
  readonly name: string
  readonly table: string
  /** Which rows are the person's; the table is `t`. */
  readonly whose: (person: Person) => RawBuilder<unknown>
  /** Handed out, as written after `select`; undefined = told elsewhere or nothing a person could read. */
  readonly shown?: string
  /** Tells rows apart, in their order: one text. */
  readonly key?: string
  /** What becomes of the rows: they go, or these columns are set. undefined = they stay, or go with the member's. */
  readonly erased?: typeof deleted | Change
}

/** Addresses end like this where a person was taken out: a name that no mail ever reaches (RFC 2606). */
export const erasedDomain = 'erased.invalid'

const ids = (all: readonly string[]) => sql`${all}::uuid[]`
const texts = (all: readonly string[]) => sql`${all}::text[]`
const ofMember = (person: Person) => sql`t.member_id = ${person.memberId}::uuid`
const ofCustomers = (person: Person) => sql`t.customer_id = any(${ids(person.customerIds)})`

const orders = (person: Person) =>
  sql`select o.id from shop_order o where o.customer_id = any(${ids(person.customerIds)})`
const checkouts = (person: Person) => sql`
  select o.checkout_id from shop_order o where o.customer_id = any(${ids(person.customerIds)})
  union select c.id from checkout c where c.member_id = ${person.memberId}::uuid`
const payments = (person: Person) =>
  sql`select p.id from payment p where p.checkout_id in (${checkouts(person)})`
const entitlements = (person: Person) =>
  sql`select e.id from entitlement e where e.customer_id = any(${ids(person.customerIds)})`
const subscriptions = (person: Person) => sql`
  select s.id from subscription s
  where s.customer_id = any(${ids(person.customerIds)}) or s.member_id = ${person.memberId}::uuid`
const subscriptionInvoices = (person: Person) =>
  sql`select i.id from subscription_invoice i where i.subscription_id in (${subscriptions(person)})`
/** Of what is opened to the person: keys bought for somebody else are theirs. */
const licences = (person: Person) => sql`
  select l.id from licence l join entitlement e on e.source_id = l.source_id and e.subject_id = l.product_id
  where e.customer_id = any(${ids(person.customerIds)})`

const inCheckouts = (person: Person) => sql`t.checkout_id in (${checkouts(person)})`

/** Every table that holds something of a person, in the order in which it is erased. What goes with the member's row goes last. */
export const personalTables: readonly PersonalTable[] = [
  {
    name: 'account',
    table: 'member',
    whose: (person) => sql`t.id = ${person.memberId}::uuid`,
    shown: `t.id, t.email, t.name, t.role, t.created_at, t.password_set_at`,
  },
  {
    name: 'sessions',
    table: 'member_session',
    whose: ofMember,
    shown: `t.created_at, t.renewed_at, t.expires_at, t.proven_by, t.network, t.user_agent`,
  },
  {
    name: 'knownDevices',
    table: 'known_device',
    whose: ofMember,
    shown: `t.first_seen_at, t.last_seen_at`,
    key: 't.device_sha256',
  },
  { name: 'passkeys', table: 'passkey', whose: ofMember, shown: `t.name, t.created_at` },
  {
    name: 'authenticatorApp',
    table: 'totp_factor',
    whose: ofMember,
    shown: `t.confirmed_at`,
    key: 't.member_id::text',
  },
  {
    name: 'addressChange',
    table: 'email_change',
    whose: ofMember,
    shown: `t.new_email, t.expires_at`,
    key: 't.member_id::text',
  },
  {
    name: 'signInCodes',
    table: 'sign_in_code',
    whose: (person) => sql`t.email = any(${texts(person.addresses)})`,
    erased: deleted,
  },
  // ---- what was bought ----
  {
    name: 'checkouts',
    table: 'checkout',
    whose: (person) =>
      sql`(t.id in (${checkouts(person)}) or t.email = any(${texts(person.addresses)}))`,
    shown: `t.id, t.state, t.email, t.currency, t.total_minor, t.discount_minor, t.coupon_code, t.created_at, t.finished_at`,
    erased: { set: `email = null, visitor = null, enclosure = null, stripe_session_url = null` },
  },
  {
    name: 'answers',
    table: 'checkout_answer',
    whose: inCheckouts,
    shown: `t.checkout_id, t.question, t.answer`,
    key: `t.checkout_id::text || t.position || t.question_id`,
    erased: deleted,
  },
  {
    name: 'consents',
    table: 'checkout_consent',
    whose: inCheckouts,
    shown: `t.checkout_id, t.kind, t.words, t.at, t.network`,
    key: `t.checkout_id::text || t.kind`,
    erased: { set: `network = null` },
  },
  {
    name: 'couponsUsed',
    table: 'coupon_use',
    whose: (person) =>
      sql`(${inCheckouts(person)} or t.person = any(${texts(person.addresses.map(mailboxOf))}))`,
    shown: `t.checkout_id, t.person, t.discount_minor, t.state, t.network, t.created_at`,
    key: 't.checkout_id::text',
    erased: { set: `person = null, network = null` },
  },
  {
    name: 'planCouponsUsed',
    table: 'plan_coupon_use',
    whose: (person) =>
      sql`(t.checkout_id in (select id from subscription_checkout where member_id = ${person.memberId})
        or t.person = any(${texts(person.addresses.map(mailboxOf))}))`,
    shown: `t.checkout_id, t.person, t.discount_minor, t.state, t.network, t.created_at`,
    key: 't.checkout_id::text',
    erased: { set: `person = null, network = null` },
  },
  {
    name: 'giftsGiven',
    table: 'checkout_gift',
    whose: inCheckouts,
    shown: `t.checkout_id, t.from_name, t.to_name, t.to_email, t.message`,
    key: 't.checkout_id::text',
    erased: { set: `from_name = 'Somebody', to_name = '', to_email = null, message = ''` },
  },
  {
    name: 'orders',
    table: 'shop_order',
    whose: ofCustomers,
    shown: `t.id, t.number, t.checkout_id, t.email, t.buyer_name, t.country, t.currency, t.total_minor, t.discount_minor, t.tax_minor,
      t.refunded_minor, t.coupon_code, t.mode, t.placed_at`,
    erased: {
      set: `email = 'former-' || right(t.customer_id::text, 12) || '@${erasedDomain}', buyer_name = null`,
    },
  },
  {
    name: 'orderLines',
    table: 'order_line',
    whose: (person) => sql`t.order_id in (${orders(person)})`,
    shown: `t.order_id, t.title, t.kind, t.quantity, t.unit_minor, t.discount_minor, t.total_minor, t.tax_label, t.tax_minor,
      t.refunded_minor, t.bundle_title`,
  },
  {
    name: 'payments',
    table: 'payment',
    whose: inCheckouts,
    shown: `t.checkout_id, t.amount_minor, t.currency, t.method, t.method_detail, t.refunded_minor, t.paid_at`,
    erased: { set: `method_detail = null` },
  },
  {
    name: 'refunds',
    table: 'refund',
    whose: (person) => sql`t.payment_id in (${payments(person)})`,
    shown: `t.amount_minor, t.currency, t.state, t.reason, t.created_at, t.updated_at`,
    erased: { set: `reason = ''` },
  },
  {
    name: 'disputes',
    table: 'dispute',
    whose: (person) => sql`t.payment_id in (${payments(person)})`,
    shown: `t.amount_minor, t.currency, t.reason, t.state, t.created_at`,
  },
  {
    name: 'disputeAnswers',
    table: 'dispute_answer',
    whose: (person) =>
      sql`t.dispute_id in (select d.id from dispute d where d.payment_id in (${payments(person)}))`,
    shown: `t.kind, t.evidence, t.state, t.created_at`,
    key: 't.dispute_id::text',
    erased: { set: `evidence = '{}'` },
  },
  {
    name: 'withdrawals',
    table: 'withdrawal',
    whose: (person) =>
      sql`(t.email = any(${texts(person.addresses)}) or t.order_id in (${orders(person)}))`,
    shown: `t.order_typed, t.email, t.name, t.words, t.network, t.received_at, t.state, t.decision, t.decided_at`,
    erased: {
      set: `email = 'former@${erasedDomain}', order_typed = '', name = '', words = '', network = null, decision = null,
      erased_at = coalesce(t.erased_at, clock_now())`,
    },
  },
  {
    name: 'giftsTaken',
    table: 'gift',
    whose: (person) => sql`t.redeemed_by = any(${ids(person.customerIds)})`,
    shown: `t.redeemed_at`,
    key: 't.order_id::text',
  },
  {
    name: 'givenByTheShop',
    table: 'comp',
    whose: ofCustomers,
    shown: `t.email, t.product_id, t.reason, t.created_at, t.ended_at, t.ended_reason`,
    erased: {
      set: `email = 'former-' || right(t.customer_id::text, 12) || '@${erasedDomain}', reason = 'Erased with the account.',
      ended_reason = case when t.ended_reason is not null then 'Erased with the account.' end`,
    },
  },
  {
    name: 'plansGivenByTheShop',
    table: 'given_plan',
    whose: ofCustomers,
    shown: `t.id, t.plan_id, t.kind, t.comp_ends_at, t.months, t.runs_from, t.runs_until, t.reason, t.created_at, t.ended_at, t.ended_reason`,
    erased: {
      set: `reason = 'Erased with the account.',
      ended_reason = case when t.ended_reason is not null then 'Erased with the account.' end`,
    },
  },
  {
    name: 'appointments',
    table: 'appointment',
    whose: ofCustomers,
    shown: `t.id, t.title, t.state, t.local_start, t.zone, t.place, t.booked_by, t.cancelled_by, t.cancel_reason, t.created_at, t.cancelled_at`,
    erased: {
      set: `cancel_reason = case when t.cancel_reason is not null then 'Erased with the account.' end`,
    },
  },
  {
    name: 'appointmentHistory',
    table: 'appointment_change',
    whose: (person) =>
      sql`t.appointment_id in (select a.id from appointment a where a.customer_id = any(${ids(person.customerIds)}))`,
    shown: `t.appointment_id, t.kind, t.starts_at, t.former_starts_at, t.at`,
    key: `lpad(t.id::text, 20, '0')`,
  },
  {
    name: 'appointmentAnswers',
    table: 'appointment_answer',
    whose: (person) =>
      sql`t.appointment_id in (select a.id from appointment a where a.customer_id = any(${ids(person.customerIds)}))`,
    shown: `t.appointment_id, t.question, t.answer`,
    key: `t.appointment_id::text || lpad(t.position::text, 3, '0')`,
    erased: deleted,
  },
  {
    name: 'appointmentReminders',
    table: 'appointment_reminder',
    whose: (person) =>
      sql`t.appointment_id in (select a.id from appointment a where a.customer_id = any(${ids(person.customerIds)}))`,
    shown: `t.appointment_id, t.kind, t.due_at, t.state`,
    key: `t.appointment_id::text || t.kind || t.version`,
  },
  {
    name: 'tokens',
    table: 'token_lot',
    whose: ofCustomers,
    shown: `t.id, t.source_kind, t.granted, t.remaining, t.valid_from, t.valid_until, t.words, t.withdrawn_at, t.created_at`,
    erased: { set: `words = case when t.words <> '' then 'Erased with the account.' else '' end` },
  },
  {
    name: 'tokenHistory',
    table: 'token_entry',
    whose: ofCustomers,
    shown: `t.lot_id, t.kind, t.delta, t.appointment_id, t.actor, t.reason, t.at`,
    key: `lpad(t.id::text, 20, '0')`,
  },
  {
    name: 'tokensOfAppointments',
    table: 'token_use',
    whose: ofCustomers,
    shown: `t.appointment_id, t.state, t.starts_at, t.created_at`,
    key: 't.appointment_id::text',
  },
  {
    name: 'tokensOwed',
    table: 'token_debt',
    whose: ofCustomers,
    shown: `t.lot_id, t.tokens, t.taken, t.waived_at, t.created_at`,
    key: 't.lot_id::text',
  },
  // ---- what it opens, and what came of it ----
  {
    name: 'entitlements',
    table: 'entitlement',
    whose: ofCustomers,
    shown: `t.id, t.benefit, t.subject_id, t.source_kind, t.state, t.reason, t.starts_at, t.ends_at, t.created_at`,
  },
  {
    name: 'entitlementHistory',
    table: 'entitlement_event',
    whose: (person) => sql`t.entitlement_id in (${entitlements(person)})`,
    shown: `t.entitlement_id, t.at, t.state, t.reason`,
    key: `lpad(t.id::text, 20, '0')`,
  },
  {
    name: 'downloads',
    table: 'access_log',
    whose: (person) => sql`t.entitlement_id in (${entitlements(person)})`,
    shown: `t.at, t.act, t.bytes, t.is_complete, t.network, t.user_agent`,
    key: `lpad(t.id::text, 20, '0')`,
    erased: { set: `network = null, user_agent = null` },
  },
  {
    name: 'toldOfNewVersions',
    table: 'version_notice_person',
    whose: (person) =>
      sql`(t.address = any(${texts(person.addresses)}) or t.entitlement_id in (${entitlements(person)}))`,
    shown: `t.address, t.state, t.at`,
    key: `t.version_id::text || t.person`,
    erased: deleted,
  },
  {
    name: 'licences',
    table: 'licence',
    whose: (person) => sql`t.id in (${licences(person)})`,
    shown: `t.prefix, t.code, t.seats_each, t.quantity, t.created_at`,
  },
  {
    name: 'licenceActivations',
    table: 'licence_activation',
    whose: (person) => sql`t.licence_id in (${licences(person)})`,
    shown: `t.instance, t.name, t.created_at, t.seen_at`,
    erased: { set: `name = ''` },
  },
  // ---- memberships ----
  {
    name: 'subscriptions',
    table: 'subscription',
    whose: (person) => sql`t.id in (${subscriptions(person)})`,
    shown: `t.id, t.status, t.amount_minor, t.currency, t.interval_unit, t.interval_count, t.started_at, t.period_started_at,
      t.period_ends_at, t.trial_ends_at, t.cancels_at, t.ended_at, t.card_brand, t.card_last4, t.card_expires`,
    erased: {
      set: `card_brand = null, card_last4 = null, card_expires = null, stripe_method_id = null`,
    },
  },
  {
    name: 'subscriptionInvoices',
    table: 'subscription_invoice',
    whose: (person) => sql`t.subscription_id in (${subscriptions(person)})`,
    shown: `t.subscription_id, t.number, t.status, t.due_minor, t.paid_minor, t.currency, t.period_started_at, t.period_ends_at,
      t.made_at, t.paid_at, t.refunded_minor, t.hosted_url, t.pdf_url`,
    erased: { set: `hosted_url = null, pdf_url = null` },
  },
  {
    name: 'cardsTried',
    table: 'card_try',
    whose: (person) => sql`t.invoice_id in (${subscriptionInvoices(person)})`,
    shown: `t.invoice_id, t.state, t.created_at, t.settled_at`,
    erased: { set: `last_error = null` },
  },
  {
    name: 'subscriptionRefunds',
    table: 'subscription_refund',
    whose: (person) => sql`t.invoice_id in (${subscriptionInvoices(person)})`,
    shown: `t.amount_minor, t.currency, t.state, t.reason, t.created_at, t.updated_at`,
    erased: { set: `reason = ''` },
  },
  {
    name: 'subscriptionDisputes',
    table: 'subscription_dispute',
    whose: (person) => sql`t.invoice_id in (${subscriptionInvoices(person)})`,
    shown: `t.amount_minor, t.currency, t.reason, t.state, t.created_at`,
  },
  {
    name: 'toldOfOtherPrices',
    table: 'price_move_person',
    whose: (person) => sql`t.subscription_id in (${subscriptions(person)})`,
    shown: `t.subscription_id, t.state, t.told_at, t.first_at`,
    key: `lpad(t.id::text, 20, '0')`,
  },
  {
    name: 'subscriptionHistory',
    table: 'subscription_event',
    whose: (person) => sql`t.subscription_id in (${subscriptions(person)})`,
    shown: `t.subscription_id, t.at, t.what, t.status`,
    key: `lpad(t.id::text, 20, '0')`,
  },
  {
    name: 'allotments',
    table: 'allotment',
    whose: (person) => sql`t.subscription_id in (${subscriptions(person)})`,
    shown: `t.subscription_id, t.tokens, t.period_started_at, t.period_ends_at, t.created_at`,
    key: 't.invoice_id::text',
  },
  {
    name: 'attemptsToSubscribe',
    table: 'subscription_checkout',
    whose: ofMember,
    shown: `t.state, t.trial_days, t.back_to, t.created_at, t.finished_at`,
    // One that is still open is closed, so that nothing begins for who has left.
    erased: { set: `stripe_session_url = null, back_to = null, is_to_close = true` },
  },
  {
    name: 'trials',
    table: 'trial_claim',
    whose: (person) => sql`t.subscription_id in (${subscriptions(person)})`,
    shown: `t.kind, t.plan_group, t.claimed_at`,
    key: `t.kind || t.person || t.plan_group`,
  },
  {
    name: 'customersAtStripe',
    table: 'stripe_customer',
    whose: ofMember,
    shown: `t.stripe_customer_id, t.created_at`,
    erased: { set: `gone_at = coalesce(t.gone_at, clock_now())` },
  },
  // ---- what was written, and noted ----
  {
    name: 'feedOfPosts',
    table: 'post_feed',
    whose: ofMember,
    shown: `t.made_at`,
    key: 't.member_id::text',
  },
  {
    name: 'feedOfAppointments',
    table: 'calendar_feed',
    whose: ofMember,
    shown: `t.made_at`,
    key: 't.member_id::text',
  },
  {
    name: 'profile',
    table: 'member_profile',
    whose: ofMember,
    shown: `t.handle, t.display_name, t.about, t.is_shown, t.shows_picture, t.mails_replies, t.updated_at`,
    key: 't.member_id::text',
  },
  {
    // What was said and is shown stays as a former member's, so that its answers keep their sense; what nobody sees goes.
    name: 'comments',
    table: 'comment',
    whose: ofMember,
    shown: `t.id, t.post_id, t.parent_id, t.body, t.state, t.created_at, t.edited_at`,
    erased: {
      set: `state = case when t.state = 'shown' then 'shown' else 'deleted' end, hidden_by = null,
      body = case when t.state = 'shown' then t.body else '' end,
      words_sha256 = case when t.state = 'shown' then t.words_sha256 else repeat('0', 64) end`,
    },
  },
  {
    name: 'likesOfPosts',
    table: 'post_like',
    whose: ofMember,
    shown: `t.post_id, t.liked_at`,
    key: 't.post_id::text',
  },
  {
    name: 'likesOfComments',
    table: 'comment_like',
    whose: ofMember,
    shown: `t.comment_id, t.liked_at`,
    key: 't.comment_id::text',
  },
  {
    name: 'reportsOfComments',
    table: 'comment_report',
    whose: ofMember,
    shown: `t.comment_id, t.reported_at`,
    key: 't.comment_id::text',
  },
  {
    name: 'bannedFromComments',
    table: 'community_ban',
    whose: ofMember,
    shown: `t.banned_at`,
    key: 't.member_id::text',
  },
  {
    name: 'postsByMail',
    table: 'newsletter_reader',
    whose: ofMember,
    shown: `t.wording, t.asked_where, t.asked_at, t.left_at, t.left_by`,
    key: 't.member_id::text',
  },
  {
    name: 'postsMailed',
    table: 'post_mail',
    whose: ofMember,
    shown: `t.post_id, t.state, t.at`,
    key: 't.post_id::text',
  },
  {
    name: 'mails',
    table: 'email_message',
    whose: (person) => sql`t.to_address = any(${texts(person.addresses)})`,
    shown: `t.template, t.to_address, t.subject, t.state, t.created_at, t.sent_at`,
    erased: {
      set: `to_address = 'former@${erasedDomain}', reply_to = null, subject = 'Erased', last_error = null,
      state = case when t.state in ('queued', 'sending') then 'failed' else t.state end,
      content = '{"preheader":"","heading":"Erased","blocks":[],"footnote":"Its reader has deleted their account."}'`,
    },
  },
  {
    name: 'acts',
    table: 'audit_entry',
    whose: (person) => sql`t.actor_id = ${person.memberId}`,
    shown: `t.at, t.action, t.subject_kind, t.detail`,
    key: `lpad(t.id::text, 20, '0')`,
  },
  {
    name: 'customers',
    table: 'customer',
    whose: (person) => sql`t.id = any(${ids(person.customerIds)})`,
    shown: `t.id, t.email, t.name, t.created_at, t.claimed_at`,
    erased: {
      set: `email = 'former-' || right(t.id::text, 12) || '@${erasedDomain}', name = null, member_id = null, claimed_at = null`,
    },
  },
]

/** Tables that refer to people, and why they are not above. */
export const impersonalTables: Readonly<Record<string, string>> = {
  alarm_link: 'goes with the member; holds a digest',
  half_sign_in: 'goes with the member; a minute long',
  kept_form: 'goes with the session; sealed',
  passkey_challenge: 'goes with the member; a minute long',
  recovery_code: 'goes with the member; digests',
  moderation_entry: 'names a member by the number that goes with their account',
  refund_line: 'amounts of an order line',
  version_notice: 'who asked for it is the owner',
  post_mailing: 'who asked for it is the owner',
  price_move: 'who asked for it is the owner',
  rate_window: 'digests, and windows of a day at most',
  self_test: 'the shop’s own state',
  site: 'the owner’s own words',
  look_draft: 'of the owner',
  owner_setup: 'of the owner',
  owner_recovery: 'of the owner',
}
