import type { Page } from '@playwright/test'
import { until } from '../test/until.ts'
import { payOnSandbox } from './hosted-page.ts'
import type { Mailbox } from './mailbox.ts'
import { makePlan } from './plans.ts'
import type { Shop } from './shop.ts'
import { signInByCode } from './visits.ts'

export interface Subscriber {
  readonly id: string
  readonly customerId: string
  readonly stripeId: string
}

/** Somebody subscribes to a plan without a trial, which the owner makes where there is none; told once the shop has heard of it. */
export async function makePlanAndSubscriber(of: {
  readonly owner: Page
  readonly shop: Shop
  readonly mailbox: Mailbox
  readonly page: Page
  readonly email: string
}): Promise<Subscriber> {
  const title = 'Letters from the workshop'
  const known = await of.shop.query('select id from plan where title = $1', [title])
  if (known.length === 0) await makePlan(of.owner, { title, price: '900', count: '1', trial: '0' })
  await signInByCode(of.page, of.mailbox, of.email)
  await of.page.goto('/plans')
  await of.page.getByRole('button', { name: `Subscribe to ${title}` }).click()
  await payOnSandbox(of.page, {})
  await of.page.waitForURL('**/dashboard/membership?notice=begun')
  return until('the shop has heard of it', async () => {
    const [row] = await of.shop.query<Subscriber>(
      `select s.id, s.customer_id as "customerId", s.stripe_subscription_id as "stripeId"
       from subscription s join member m on m.id = s.member_id where m.email = $1`,
      [of.email],
    )
    return row
  })
}

/** Changes an object at the sandbox without telling anybody. */
export async function driftAway(
  shop: Shop,
  object: string,
  changes: Readonly<Record<string, unknown>>,
): Promise<void> {
  await shop.control('POST', 'drift', { object, changes })
}
