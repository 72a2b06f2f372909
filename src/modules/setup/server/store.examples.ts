import { sql } from 'kysely'
import type { Db } from '#modules/platform/server/index.ts'

/** Far more than the example shop ever had. */
const mostNamed = 50

/** Examples that are still there, by name, and whether somebody bought one or began to. */
export async function examplesThere(db: Db): Promise<{
  readonly products: readonly string[]
  readonly coupons: readonly string[]
  readonly plans: readonly string[]
  readonly posts: readonly string[]
  readonly pages: readonly string[]
  readonly isInCheckouts: boolean
}> {
  const { rows } = await sql<{
    products: string[]
    coupons: string[]
    plans: string[]
    posts: string[]
    pages: string[]
    in_checkouts: boolean
  }>`select
      array(select title from product where is_example and state <> 'archived' order by position, created_at limit ${mostNamed}) as products,
      array(select code from coupon where is_example and is_active order by code limit ${mostNamed}) as coupons,
      array(select title from plan where is_example and is_enabled order by tier, created_at limit ${mostNamed}) as plans,
      array(select title from post where is_example and deleted_at is null order by created_at, id limit ${mostNamed}) as posts,
      array(select title from site_page where is_example order by position limit ${mostNamed}) as pages,
      exists (
        select from checkout_line join product on product.id = checkout_line.product_id where product.is_example
      ) or exists (
        select from coupon_use join coupon on coupon.id = coupon_use.coupon_id where coupon.is_example
      ) or exists (
        select from subscription_checkout join plan on plan.id = subscription_checkout.plan_id where plan.is_example
      ) or exists (
        select from given_plan join plan on plan.id = given_plan.plan_id where plan.is_example
      ) or exists (
        select from comp join product on product.id = comp.product_id where product.is_example
      ) as in_checkouts`.execute(db)
  const row = rows[0]
  if (!row) throw new Error('Counting gave no row.')
  return {
    products: row.products,
    coupons: row.coupons,
    plans: row.plans,
    posts: row.posts,
    pages: row.pages,
    isInCheckouts: row.in_checkouts,
  }
}
