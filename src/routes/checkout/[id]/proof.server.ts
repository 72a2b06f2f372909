import { error } from '@sveltejs/kit'
import type { MemberActor } from '#modules/accounts/types.ts'
import { isOrderOf, orderOfCheckout } from '#modules/orders/server/index.ts'
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
  const byLink = isSameText(url.searchParams.get('t') ?? '', orderToken(params.id))
  const found = await checkoutWithLines(params.id)
  if (found && (byLink || (await isTheirs(found.checkout, locals.actor)))) return found
  error(404, 'There is no page here.')
}

async function isTheirs(
  checkout: { readonly id: string; readonly memberId: string | undefined },
  actor: MemberActor | undefined,
): Promise<boolean> {
  if (!actor) return false
  if (checkout.memberId === actor.memberId) return true
  const order = await orderOfCheckout(db(), checkout.id)
  return order !== undefined && isOrderOf(db(), order, actor.memberId)
}
