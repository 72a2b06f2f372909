import { sql } from 'kysely'
import { pollEvents } from '#modules/payments/server/index.ts'
import { db, now } from '#modules/platform/server/index.ts'
import { outcomeOf, passTimeEverywhere, untilInboxIsEmpty, type Money } from './money.ts'
import { until } from './until.ts'

/** As if the database came back from a copy that is older than the sale: nothing of it is there, delivered or not. */
export async function loseSale(checkoutId: string): Promise<void> {
  await db()
    .transaction()
    .execute(async (tx) => {
      await sql`set local session_replication_role = replica`.execute(tx)
      const lines = sql`(select l.id from order_line l join shop_order o on o.id = l.order_id where o.checkout_id = ${checkoutId})`
      const orders = sql`(select id from shop_order where checkout_id = ${checkoutId})`
      for (const lost of [
        sql`delete from stripe_event where object_id = (select stripe_session_id from checkout where id = ${checkoutId})`,
        sql`delete from email_message where split_part(entity_key, ':', 1) in (select id::text from shop_order where checkout_id = ${checkoutId})`,
        sql`delete from entitlement_event where entitlement_id in (select id from entitlement where source_id in ${lines})`,
        sql`delete from entitlement where source_id in ${lines}`,
        sql`delete from gift where order_id in ${orders}`,
        sql`delete from order_line where order_id in ${orders}`,
        sql`delete from shop_order where checkout_id = ${checkoutId}`,
        sql`delete from payment where checkout_id = ${checkoutId}`,
        sql`delete from payment_effect where key = ${checkoutId}`,
        sql`delete from coupon_use where checkout_id = ${checkoutId}`,
        sql`delete from checkout_gift where checkout_id = ${checkoutId}`,
        sql`delete from checkout_consent where checkout_id = ${checkoutId}`,
        sql`delete from checkout_answer where checkout_id = ${checkoutId}`,
        sql`delete from checkout_line where checkout_id = ${checkoutId}`,
        sql`delete from checkout where id = ${checkoutId}`,
        sql`update coupon set uses = (select count(*) from coupon_use
          where coupon_id = coupon.id and state in ('held', 'used'))`,
      ])
        await lost.execute(tx)
    })
}

/** Reads Stripe's list of events, as a shop does after it came back, until the sale is there again. */
export async function untilTakenUp(money: Money, checkoutId: string): Promise<void> {
  await passTimeEverywhere(money, 6 * 60_000)
  await pollEvents(await now(db()))
  await until('it is there again', async () => (await outcomeOf(checkoutId))?.state === 'paid')
  await untilInboxIsEmpty()
}
