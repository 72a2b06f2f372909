import { error, redirect } from '@sveltejs/kit'
import type { Actions, PageServerLoad } from './$types'
import { memberOnly } from '#modules/accounts/server/index.ts'
import { serviceKind, serviceOf, sessionsOf } from '#modules/booking/server/index.ts'
import { placeWords, policyWords } from '#modules/booking/service-words.ts'
import { downloadPath } from '#modules/downloads/download-path.ts'
import { newSince } from '#modules/downloads/new-since.ts'
import { downloadsLeftOf, versionsFetched } from '#modules/downloads/server/index.ts'
import { entitlementFor } from '#modules/entitlements/server/index.ts'
import type { Entitlement } from '#modules/entitlements/types.ts'
import { endActivation, licencesOf } from '#modules/licences/server/index.ts'
import { ordersOfLines } from '#modules/orders/server/index.ts'
import { db, inTransaction, postedForm, textField } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { boughtThings } from '../../../../bought.server.ts'
import { zoneOf } from '../../booking.server.ts'
import { sessionWords } from '../../shelf-words.ts'

export const load: PageServerLoad = async (event) => {
  const { memberId } = memberOnly(event)
  const entitlement = await ownEntitlement(event.params.entitlement, memberId)
  const [thing] = await boughtThings(db(), [entitlement], downloadPath)
  if (!thing) throw new Error(`Entitlement ${entitlement.id} is to a product that is gone.`)
  const { kind, id } = entitlement.source
  const order = kind === 'order_line' ? (await ordersOfLines(db(), [id])).get(id) : undefined
  const items = thing.goods?.items ?? []
  const [fetched, left, licences, service] = await Promise.all([
    versionsFetched(db(), entitlement.id),
    downloadsLeftOf(db(), entitlement.id, Object.keys(thing.links)),
    entitlement.state === 'active' ? licencesFrom(entitlement) : [],
    thing.kind === serviceKind.kind && entitlement.state === 'active'
      ? serviceFrom(memberId, thing.productId)
      : undefined,
  ])
  const { timeZone } = await siteIdentity(db())
  return {
    thing,
    orderId: order,
    fresh: newSince(items, fetched),
    left,
    licences,
    service,
    zone: zoneOf(event.cookies, timeZone),
  }
}

export const actions: Actions = {
  /** Gives a seat of the licence key back. */
  async letGo(event) {
    const { memberId } = memberOnly(event)
    const entitlement = await ownEntitlement(event.params.entitlement, memberId)
    const form = await postedForm(event.request)
    const { kind, id } = entitlement.source
    if (entitlement.state === 'active' && (kind === 'order_line' || kind === 'comp'))
      await inTransaction((tx) =>
        endActivation(
          tx,
          { kind: 'member', memberId },
          { kind, ids: [id] },
          textField(form, 'activation'),
        ),
      )
    redirect(303, `/dashboard/products/${entitlement.id}#licences`)
  },
}

/** Somebody else's gets the same answer as none. */
async function ownEntitlement(id: string, memberId: string): Promise<Entitlement> {
  const entitlement = await entitlementFor(db(), id)
  if (entitlement?.memberId !== memberId) error(404, 'There is no page here.')
  return entitlement
}

/** What is left of a service, and what to know before booking it. */
async function serviceFrom(memberId: string, productId: string) {
  const [service, sessions] = await Promise.all([
    serviceOf(db(), productId),
    sessionsOf(db(), memberId, [productId]),
  ])
  const own = sessions.get(productId)
  if (!service || !own) return undefined
  return {
    words: sessionWords(own),
    canBook: own.active === undefined && own.used < own.granted,
    active: own.active && {
      id: own.active.id,
      startsAt: own.active.startsAt,
      endsAt: own.active.endsAt,
    },
    place: placeWords(service.terms),
    policy: policyWords(service.terms),
  }
}

async function licencesFrom({ source: { kind, id }, subjectId }: Entitlement) {
  if (kind !== 'order_line' && kind !== 'comp') return []
  const licences = await licencesOf(db(), kind, [id])
  // A comp of a bundle gave a key for each of its parts.
  return licences.filter((licence) => licence.productId === subjectId)
}
