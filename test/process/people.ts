import { signedSession } from '../signed-session.ts'
import { until } from '../until.ts'
import type { ShopProcess } from './shop.ts'

/** Somebody with an account, signed in, on a network of their own: what may be begun is counted by network. */
export interface Person {
  readonly id: string
  readonly cookie: string
  readonly network: string
}

let people = 0

/** Past the pages; the shop runs with TRUSTED_PROXIES=1. secret: what it signs with. */
export async function newPerson(
  shop: ShopProcess,
  secret: string,
  role: 'owner' | 'member',
): Promise<Person> {
  people++
  const [row] = await shop.query<{ id: string }>(
    'insert into member (email, name, role) values ($1, $2, $2) returning id',
    [`${role}-${people}@example.com`, role],
  )
  return signIn(shop, secret, { id: row?.id ?? '', network: `203.0.113.${people}` })
}

/** The same person with a session that was proven just now. */
export async function signIn(
  shop: ShopProcess,
  secret: string,
  one: Omit<Person, 'cookie'>,
): Promise<Person> {
  const { cookie, digest } = signedSession(secret)
  await shop.query(
    `insert into member_session (member_id, token_sha256, proven_by, expires_at)
     values ($1, $2, 'code', clock_now() + interval '30 days')`,
    [one.id, digest],
  )
  return { id: one.id, network: one.network, cookie }
}

/** Sends a form as a page without script would. undefined: the connection broke before an answer came. */
export async function postForm(
  shop: ShopProcess,
  who: Person,
  address: string,
  fields: Readonly<Record<string, string>>,
): Promise<
  { readonly status: number; readonly location: string; readonly text: string } | undefined
> {
  const answer = await fetch(`${shop.origin}${address}`, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      origin: shop.origin,
      accept: 'text/html',
      cookie: who.cookie,
      'x-forwarded-for': who.network,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams(fields),
  }).catch(() => undefined)
  return (
    answer && {
      status: answer.status,
      location: answer.headers.get('location') ?? '',
      text: await answer.text(),
    }
  )
}

/** What the owner's form for a plan sends: 10.00 a month, without a trial, in a group of its own. */
export const planForm = (title: string) => ({
  title,
  description: '',
  price: '10.00',
  unit: 'month',
  count: '1',
  trialDays: '0',
  tokenAllotment: '4',
  group: title,
  tier: '1',
})

/** A plan as the owner's form makes it; comes back when Stripe knows it. */
export async function makePlan(shop: ShopProcess, owner: Person, title: string): Promise<string> {
  const made = await postForm(shop, owner, '/admin/subscriptions?/make', planForm(title))
  const planId = new URL(made?.location ?? '', shop.origin).searchParams.get('plan')
  if (made?.status !== 303 || planId === null) throw new Error(`No plan was made: ${made?.status}`)
  await until('Stripe knows the plan', async () => {
    const [row] = await shop.query(
      'select from plan_price where plan_id = $1 and stripe_price_id is not null',
      [planId],
    )
    return row !== undefined
  })
  return planId
}

/** Presses "Subscribe" and answers the id of the session at Stripe that is to be paid. */
export async function pressSubscribe(
  shop: ShopProcess,
  member: Person,
  planId: string,
): Promise<string> {
  const pressed = await postForm(shop, member, '/subscribe', { plan: planId })
  const [checkout] = await shop.query<{ stripe_session_id: string }>(
    'select stripe_session_id from subscription_checkout where member_id = $1 order by created_at desc',
    [member.id],
  )
  if (pressed?.status !== 303 || !checkout) throw new Error(`Not led to pay: ${pressed?.status}`)
  return checkout.stripe_session_id
}
