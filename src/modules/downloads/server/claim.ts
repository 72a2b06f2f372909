import { entitlementFor } from '#modules/entitlements/server/index.ts'
import type { Entitlement } from '#modules/entitlements/types.ts'
import { isId } from '#modules/platform/ids.ts'
import { now, type Db } from '#modules/platform/server/index.ts'
import type { Refusal } from '../refusal-words.ts'
import { linkProof } from './link.ts'
import { findDeliverable, type DeliverableFile } from './store.delivery.ts'

export interface Claim {
  readonly entitlementId: string
  readonly versionId: string
  /** From the address of a signed link. */
  readonly expires: string | null
  readonly signature: string | null
  /** Who is signed in. */
  readonly memberId: string | undefined
}

export type ClaimResult =
  | { readonly ok: true; readonly file: DeliverableFile }
  | { readonly ok: false; readonly reason: Refusal }

/**
 * Decides whether a file is handed out. First who asks: a signed link within its hour, or a session whose member
 * owns the entitlement, at any time; everybody else learns nothing, not even whether it exists. Then whether the
 * entitlement is active and is one to the product that holds the file.
 */
export async function claimFile(db: Db, claim: Claim): Promise<ClaimResult> {
  if (!isId(claim.entitlementId) || !isId(claim.versionId)) return refuse('not_found')
  const proof = linkProof(claim, await now(db))
  const entitlement = await entitlementFor(db, claim.entitlementId)
  const isOwn = claim.memberId !== undefined && entitlement?.memberId === claim.memberId
  if (!isOwn && proof !== 'good') {
    if (proof === 'expired') return refuse('link_expired')
    return refuse(claim.memberId === undefined ? 'sign_in' : 'not_found')
  }
  const file = await findDeliverable(db, claim.versionId)
  if (
    !entitlement ||
    !file ||
    entitlement.benefit !== 'product' ||
    entitlement.subjectId !== file.productId
  )
    return refuse('not_found')
  const closed = closedFor(entitlement)
  return closed ? refuse(closed) : { ok: true, file }
}

function refuse(reason: Refusal): ClaimResult {
  return { ok: false, reason }
}

function closedFor({ state, reason }: Entitlement): Refusal | undefined {
  if (state === 'active') return undefined
  return state === 'pending' ? 'pending' : (reason ?? 'ended')
}
