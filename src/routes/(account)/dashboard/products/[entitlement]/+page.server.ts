import { error } from '@sveltejs/kit'
import type { PageServerLoad } from './$types'
import { memberOnly } from '#modules/accounts/server/index.ts'
import { downloadPath } from '#modules/downloads/download-path.ts'
import { newSince } from '#modules/downloads/new-since.ts'
import { downloadsLeftOf, versionsFetched } from '#modules/downloads/server/index.ts'
import { entitlementFor } from '#modules/entitlements/server/index.ts'
import { ordersOfLines } from '#modules/orders/server/index.ts'
import { db } from '#modules/platform/server/index.ts'
import { boughtThings } from '../../../../bought.server.ts'

export const load: PageServerLoad = async (event) => {
  const { memberId } = memberOnly(event)
  const entitlement = await entitlementFor(db(), event.params.entitlement)
  // Somebody else's gets the same answer as none.
  if (entitlement?.memberId !== memberId) error(404, 'There is no page here.')
  const [thing] = await boughtThings(db(), [entitlement], downloadPath)
  if (!thing) throw new Error(`Entitlement ${entitlement.id} is to a product that is gone.`)
  const { kind, id } = entitlement.source
  const order = kind === 'order_line' ? (await ordersOfLines(db(), [id])).get(id) : undefined
  const items = thing.goods?.items ?? []
  const [fetched, left] = await Promise.all([
    versionsFetched(db(), entitlement.id),
    downloadsLeftOf(db(), entitlement.id, Object.keys(thing.links)),
  ])
  return { thing, orderId: order, fresh: newSince(items, fetched), left }
}
