import { customerFor } from '#modules/accounts/server/index.ts'
import type { OwnerActor } from '#modules/accounts/types.ts'
import { partsOf } from '#modules/catalog/server/index.ts'
import { endSource, grant } from '#modules/entitlements/server/index.ts'
import { isId } from '#modules/platform/ids.ts'
import { audit, queueMail, type Db, type Tx } from '#modules/platform/server/index.ts'
import { productExtras, productKind } from './kinds.ts'
import { compMail } from './mails/comp.ts'
import { compsOf, endCompRow, findComp, insertComp, type Comp } from './store.comps.ts'

export type { Comp } from './store.comps.ts'

export type GiveResult =
  | { readonly ok: true; readonly compId: string }
  | { readonly ok: false; readonly reason: 'no_product' | 'given_already' }

/**
 * Gives somebody a product without a payment. It is a right of its own: it neither replaces nor hides what they bought. A
 * bundle is given as what it holds. They are told by mail; on record. email: canonical.
 */
export async function giveComp(
  tx: Tx,
  owner: OwnerActor,
  given: { readonly email: string; readonly productId: string; readonly reason: string },
): Promise<GiveResult> {
  const [product] = await partsOf(tx, [given.productId])
  if (!product) return { ok: false, reason: 'no_product' }
  const partIds = await productKind(product.kind).parts?.(tx, product.productId)
  const things = partIds ? await partsOf(tx, partIds) : [product]
  if (things.length === 0) return { ok: false, reason: 'no_product' }
  const customerId = await customerFor(tx, { email: given.email })
  const compId = await insertComp(tx, {
    customerId,
    email: given.email,
    productId: product.productId,
    reason: given.reason,
    givenBy: owner.memberId,
  })
  if (compId === undefined) return { ok: false, reason: 'given_already' }
  const source = { kind: 'comp' as const, id: compId }
  for (const thing of things) {
    const line = { source, productId: thing.productId, customerId, quantity: 1 }
    const kind = productKind(thing.kind)
    await grant(
      tx,
      kind.benefits(line).map((benefit) => ({ customerId, ...benefit, source })),
      { actor: 'owner', cause: `comp ${compId}` },
    )
    await kind.fulfil(tx, line)
    for (const extra of productExtras()) await extra.fulfil(tx, line)
  }
  await queueMail(tx, compMail({ compId, email: given.email, title: product.title }))
  await audit(tx, {
    actor: { kind: 'owner', memberId: owner.memberId },
    action: 'comp.given',
    subject: { kind: 'comp', id: compId },
    detail: { email: given.email, product: product.title, reason: given.reason },
  })
  return { ok: true, compId }
}

/** Takes back what was given; what they bought besides stays. On record. false: there is none that goes on. */
export async function endComp(
  tx: Tx,
  owner: OwnerActor,
  compId: string,
  reason: string,
): Promise<boolean> {
  const comp = isId(compId) ? await endCompRow(tx, compId, reason) : undefined
  if (!comp) return false
  const source = { kind: 'comp' as const, id: compId }
  const ended = await endSource(tx, source, { actor: 'owner', cause: `comp ${compId}` })
  const customers = new Map(ended.map((right) => [right.subjectId, right.customerId]))
  for (const thing of await partsOf(tx, [...customers.keys()])) {
    const { productId } = thing
    const line = { source, productId, customerId: customers.get(productId) ?? '', quantity: 1 }
    await productKind(thing.kind).revoke(tx, line)
    for (const extra of productExtras()) await extra.resize(tx, line, 0)
  }
  await audit(tx, {
    actor: { kind: 'owner', memberId: owner.memberId },
    action: 'comp.ended',
    subject: { kind: 'comp', id: compId },
    detail: { email: comp.email, reason },
  })
  return true
}

/** What the owner gave to these customers, newest first, at most 100. */
export async function compsOfCustomers(
  db: Db,
  customerIds: readonly string[],
): Promise<readonly Comp[]> {
  return compsOf(db, customerIds)
}

/** One comp; undefined for an id that is none. */
export async function compById(db: Db, id: string): Promise<Comp | undefined> {
  return isId(id) ? findComp(db, id) : undefined
}
