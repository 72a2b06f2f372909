import { isId } from '#modules/platform/ids.ts'
import { audit, overwrites, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { OwnerActor } from '#modules/accounts/types.ts'
import { firstTerms, typedTerms } from '../service-typed.ts'
import type { Service, ServiceTerms } from '../types.ts'
import { findService, lockService, writeService } from './store.services.ts'

/** What a service asks of the owner's time; undefined for a product that is none, or of which nothing was said yet. */
export async function serviceOf(via: Db, productId: string): Promise<Service | undefined> {
  return isId(productId) ? findService(via, productId) : undefined
}

/**
 * Says what a service asks of the owner's time. What is booked already stays as it was booked. On record. seen: mark of what the form was
 * filled with; 'changed' = somebody saved something else meanwhile, and nothing was written.
 */
export async function setService(
  tx: Tx,
  owner: OwnerActor,
  productId: string,
  terms: ServiceTerms,
  seen?: string,
): Promise<
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'not_found' }
  | { readonly ok: false; readonly reason: 'changed'; readonly stored: ServiceTerms }
> {
  if (!(await lockService(tx, productId))) return { ok: false, reason: 'not_found' }
  const stored = (await findService(tx, productId))?.terms ?? firstTerms
  if (overwrites(seen, typedTerms(stored), typedTerms(terms)))
    return { ok: false, reason: 'changed', stored }
  await writeService(tx, productId, terms)
  await audit(tx, {
    actor: { kind: 'owner', memberId: owner.memberId },
    action: 'service.set',
    subject: { kind: 'product', id: productId },
    detail: typedTerms(terms),
  })
  return { ok: true }
}
