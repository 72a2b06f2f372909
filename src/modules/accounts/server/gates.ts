import { error, redirect } from '@sveltejs/kit'
import type { MemberActor, OwnerActor } from '../types.ts'

/** What the gates need of a request. */
interface Request {
  readonly locals: { readonly actor: MemberActor | undefined }
  readonly url: URL
}

/**
 * Proves that a member asks. Everybody else is sent to the sign-in page and comes back to this page
 * afterwards. For load functions and actions; throws Kit's redirect.
 */
export function memberOnly(request: Request): MemberActor {
  const { actor } = request.locals
  if (actor) return actor
  // An action's name (?/save) is left out: coming back is a GET.
  const kept = [...request.url.searchParams].filter(([name]) => !name.startsWith('/'))
  const query = kept.length > 0 ? `?${new URLSearchParams(kept)}` : ''
  redirect(303, `/sign-in?next=${encodeURIComponent(request.url.pathname + query)}`)
}

/**
 * Proves that the owner asks. Nobody in particular is sent to the sign-in page; a member gets the same 404
 * as for an address that does not exist: the owner's area does not tell customers what is in it.
 */
export function ownerOnly(request: Request): OwnerActor {
  const actor = memberOnly(request)
  if (isOwner(actor)) return actor
  error(404, 'There is no page here.')
}

function isOwner(actor: MemberActor): actor is OwnerActor {
  return actor.kind === 'owner'
}
