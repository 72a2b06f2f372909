import { error } from '@sveltejs/kit'
import type { MemberActor } from '#modules/accounts/types.ts'
import { isOrderOf, orderOfCheckout } from '#modules/orders/server/index.ts'
import type { OrderWithLines } from '#modules/orders/types.ts'
import { checkoutWithLines, orderToken } from '#modules/payments/server/index.ts'
import { db, isSameText } from '#modules/platform/server/index.ts'

interface Request {
  readonly params: { readonly id: string }
  readonly url: URL
  readonly locals: { readonly actor: MemberActor | undefined }
}

/**
 * Proves that whoever asks may see this purchase: by the link we gave out (t=), or as the member whose it is. Knowing an id,
 * ours or Stripe's, proves nothing; everybody else gets the same 404 as for an id that does not exist.
 */
export async function provenCheckout({ params, url, locals }: Request) {
  const found = await checkoutWithLines(params.id)
  const order = found && (await orderOfCheckout(db(), found.checkout.id))
  const token = orderToken(params.id, order?.linkVersion)
  const byLink = isSameText(url.searchParams.get('t') ?? '', token)
  if (found && (byLink || (await isTheirs(found.checkout, order, locals.actor)))) return found
  error(404, 'There is no page here.')
}

async function isTheirs(
  checkout: { readonly memberId: string | undefined },
  order: OrderWithLines | undefined,
  actor: MemberActor | undefined,
): Promise<boolean> {
  if (!actor) return false
  // What was bought may have been moved to somebody else since.
  if (order) return isOrderOf(db(), order, actor.memberId)
  return checkout.memberId === actor.memberId
}
