import type { OwnerActor } from '#modules/accounts/types.ts'
import { isId } from '#modules/platform/ids.ts'
import { audit, type Db, type Tx } from '#modules/platform/server/index.ts'
import { writeKey } from '../key.ts'
import type { Licence, LicenceOffer } from '../types.ts'
import { giveEarlier } from './give.ts'
import {
  activationsOf,
  findOffer,
  letGoActivation,
  licencesOfSources,
  lockLicences,
  raiseSeats,
  writeOffer,
} from './store.ts'

export { answerLicenceRequest, type LicenceAct } from './requests.ts'
export { giveOwedKeys } from './give.ts'
export { licenceExtra } from './product-extra.ts'

/** How the product gives keys; undefined while the owner never said. */
export async function licenceOffer(db: Db, productId: string): Promise<LicenceOffer | undefined> {
  return isId(productId) ? findOffer(db, productId) : undefined
}

/**
 * Says whether and how a product gives keys. Keys that are out are not touched but by more seats. Who bought before gets one:
 * the first 500 now, the others by and by. On record. false: there is no such product.
 */
export async function setLicenceOffer(
  tx: Tx,
  owner: OwnerActor,
  productId: string,
  offer: LicenceOffer,
): Promise<boolean> {
  if (!isId(productId) || !(await writeOffer(tx, productId, offer))) return false
  if (offer.isOn) {
    await raiseSeats(tx, productId, offer.seats)
    await giveEarlier(tx, productId, 500)
  }
  await audit(tx, {
    actor: { kind: 'owner', memberId: owner.memberId },
    action: 'product.licence_offer_set',
    subject: { kind: 'product', id: productId },
    detail: { isOn: offer.isOn, seats: offer.seats, prefix: offer.prefix },
  })
  return true
}

/** The keys that came from these sources, with where they are in use. Whoever looks has been proven to hold them, or is the owner. */
export async function licencesOf(
  db: Db,
  kind: 'order_line' | 'comp',
  sourceIds: readonly string[],
): Promise<readonly Licence[]> {
  const rows = await licencesOfSources(db, kind, sourceIds)
  const activations = await activationsOf(
    db,
    rows.map((row) => row.id),
    100,
  )
  return rows.map((row) => ({
    id: row.id,
    key: writeKey(row.prefix, row.code),
    productId: row.productId,
    title: row.title,
    source: { kind, id: row.sourceId },
    seats: row.seats,
    seatsUsed: row.seatsUsed,
    activations: activations.get(row.id) ?? [],
  }))
}

/**
 * Ends an activation of a key that came from one of these sources: its holder, or the owner, wants the seat back. The software
 * there is refused from its next question on, and may ask for a seat again. On record. false: there is none (any more).
 */
export async function endActivation(
  tx: Tx,
  by:
    | { readonly kind: 'owner' | 'member'; readonly memberId: string }
    | { readonly kind: 'system' },
  sources: { readonly kind: 'order_line' | 'comp'; readonly ids: readonly string[] },
  activationId: string,
): Promise<boolean> {
  if (!isId(activationId)) return false
  const [licence] = await lockLicences(tx, { activationId })
  const own = await licencesOfSources(tx, sources.kind, sources.ids)
  if (!licence || !own.some((one) => one.id === licence.id)) return false
  const ended = await letGoActivation(tx, activationId, licence.id)
  if (!ended) return false
  await audit(tx, {
    actor: by,
    action: 'licence.activation_ended',
    subject: { kind: 'licence', id: licence.id },
    detail: { instance: ended.instance, name: ended.name },
  })
  return true
}
