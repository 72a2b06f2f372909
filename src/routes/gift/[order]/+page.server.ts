import { error, fail, redirect, type RequestEvent } from '@sveltejs/kit'
import type { Actions, PageServerLoad } from './$types'
import { networkOf } from '#modules/accounts/network.ts'
import { tooMany } from '#modules/accounts/too-many.ts'
import { coversOf } from '#modules/catalog/server/index.ts'
import { giftOfLink, giftPath, takeGift } from '#modules/orders/server/index.ts'
import { canonicalEmail } from '#modules/platform/email-address.ts'
import {
  db,
  inTransaction,
  postedForm,
  textField,
  useLimit,
} from '#modules/platform/server/index.ts'

/** Taking a gift sends mail and makes a customer: a person does it now and then. */
const limit = { name: 'take-gift', most: 20, windowSeconds: 3600 } as const

/** What somebody was given. Only whoever has the link sees it; opening it takes nothing. */
export const load: PageServerLoad = async (event) => {
  const gift = await provenGift(event.params.order, event.url)
  const covers = await coversOf(
    db(),
    gift.order.lines.map((line) => line.productId),
  )
  return {
    state: gift.state,
    from: gift.words.fromName,
    to: gift.words.toName,
    toEmail: gift.words.toEmail,
    message: gift.words.message,
    things: gift.order.lines
      .filter((line) => gift.state !== 'waiting' || gift.openTitles.includes(line.title))
      .map((line) => ({ title: line.title, cover: covers.get(line.productId) })),
    memberEmail: event.locals.actor?.email,
    isDone: event.url.searchParams.has('taken'),
  }
}

async function provenGift(id: string, url: URL) {
  const gift = await giftOfLink(db(), id, url.searchParams.get('t') ?? '')
  if (gift) return gift
  error(404, 'There is no gift at this address. Is the link whole?')
}

export const actions: Actions = { default: take }

async function take(event: RequestEvent<{ order: string }>) {
  const gift = await provenGift(event.params.order, event.url)
  const form = await postedForm(event.request)
  const { actor } = event.locals
  const typed = textField(form, 'email').slice(0, 300)
  const email = actor?.email ?? canonicalEmail(typed)
  const refuse = (status: number, errors: Readonly<Record<string, string>>) =>
    fail(status, { email: typed, errors })
  if (email === undefined)
    return refuse(400, { email: 'Type the e-mail address that you will sign in with.' })
  const used = await useLimit(limit, networkOf(event.locals.network))
  if (!used.ok)
    return refuse(429, { '': tooMany(event, 'Several gifts were taken', used.retryAfterSeconds) })
  const taken = await inTransaction(
    (tx) =>
      takeGift(tx, gift.order.id, {
        email,
        ...(actor ? { memberId: actor.memberId } : {}),
      }),
    'money',
  )
  if (!taken.ok && taken.reason !== 'unknown') redirect(303, giftPath(gift.order))
  if (!taken.ok) error(404, 'There is no gift at this address.')
  redirect(303, actor ? '/dashboard?notice=gift' : `${giftPath(gift.order)}&taken`)
}
