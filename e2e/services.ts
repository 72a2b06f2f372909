import { randomUUID } from 'node:crypto'
import type { Page } from '@playwright/test'
import { expect } from '@playwright/test'
import type { Shop } from './shop.ts'

/** Weekdays from nine to five, by the shop's clock. */
export async function opensOnWeekdays(shop: Shop): Promise<void> {
  await shop.query('delete from weekly_hours')
  await shop.query(
    'insert into weekly_hours (weekday, from_minute, to_minute) select day, 540, 1020 from generate_series(1, 5) as day',
  )
}

/** A service that is for sale, without its pages. */
export async function aService(
  shop: Shop,
  title: string,
  terms: Readonly<Record<string, number | string | null>> = {},
): Promise<{ productId: string; slug: string }> {
  const productId = randomUUID()
  const slug = title.toLowerCase().replaceAll(/\W+/g, '-')
  await shop.query(
    `insert into product (id, slug, kind, title, state, published_at) values ($1, $2, 'service', $3, 'live', clock_now())`,
    [productId, slug, title],
  )
  await shop.query(
    `insert into price (product_id, amount_minor, currency) values ($1, 9000, 'EUR')`,
    [productId],
  )
  const all = {
    duration: 90,
    increment: 30,
    notice: 0,
    place: 'https://meet.example/room',
    ...terms,
  }
  await shop.query(
    `insert into service (product_id, ${Object.keys(all).join(', ')}) values ($1, ${Object.keys(all)
      .map((_, at) => `$${at + 2}`)
      .join(', ')})`,
    [productId, ...Object.values(all)],
  )
  return { productId, slug }
}

/** Gives somebody with an account sessions of a service, as a purchase would. */
export async function givesSessions(
  shop: Shop,
  email: string,
  productId: string,
  granted = 1,
): Promise<void> {
  const source = randomUUID()
  await shop.query(
    `insert into customer (email, member_id) select email, id from member where email = $1 on conflict do nothing`,
    [email],
  )
  await shop.query(
    `insert into entitlement (id, customer_id, benefit, subject_id, source_kind, source_id, state, starts_at)
     select gen_random_uuid(), c.id, 'product', $2, 'comp', $3, 'active', clock_now()
     from customer c join member m on m.id = c.member_id where m.email = $1 limit 1`,
    [email, productId, source],
  )
  await shop.query(
    `insert into comp (id, customer_id, email, product_id, reason)
     select $3, c.id, $1, $2, 'A test' from customer c join member m on m.id = c.member_id where m.email = $1 limit 1`,
    [email, productId, source],
  )
  await shop.query(
    `insert into audit_entry (actor_kind, action, subject_kind, subject_id) values ('owner', 'comp.given', 'comp', $1)`,
    [source],
  )
  await shop.query(
    `insert into session_right (id, source_kind, source_id, product_id, granted) values (gen_random_uuid(), 'comp', $1, $2, $3)`,
    [source, productId, granted],
  )
}

/** Presses the last date of the month that has times, and the first of its times; gives what the time is called. */
export async function choosesATime(page: Page): Promise<string> {
  await page.locator('button[data-date]').last().click()
  const first = page.locator('.times label').first()
  const label = (await first.textContent())?.trim() ?? ''
  await first.click()
  await expect(first.locator('input')).toBeChecked()
  return label
}

/** Somebody has a time of a service, a week ahead, that the owner made for them; gives its id. */
export async function hasAppointment(
  shop: Shop,
  email: string,
  productId: string,
): Promise<string> {
  const [made] = await shop.query<{ id: string }>(
    `with taken as (
       insert into occasion (id, product_id, starts_at, ends_at, blocked, seats)
       select gen_random_uuid(), $2, at, at + interval '1 hour', tstzrange(at, at + interval '1 hour'), 1
       from (select date_trunc('hour', clock_now()) + interval '7 days' as at) chosen returning id
     ) insert into appointment (id, key, occasion_id, seat, seats, customer_id, title, local_start, zone, owner_local_start, owner_zone,
         place_kind, place, cancel_cutoff, move_cutoff, booked_by)
       select gen_random_uuid(), gen_random_uuid()::text, taken.id, 1, 1, c.id, 'A talk', '2031-03-10T10:00', 'UTC', '2031-03-10T10:00',
         'UTC', 'link', 'https://meet.example/room', 60, 60, 'owner'
       from taken, customer c join member m on m.id = c.member_id where m.email = $1 limit 1 returning id`,
    [email, productId],
  )
  return made?.id ?? ''
}
