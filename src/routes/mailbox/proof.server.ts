import { error, redirect, type Cookies } from '@sveltejs/kit'
import type { MemberActor } from '#modules/accounts/types.ts'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { isSameText, isSigned, runtime, sign } from '#modules/platform/server/index.ts'

interface Request {
  readonly url: URL
  readonly locals: { readonly actor: MemberActor | undefined }
  readonly cookies: Cookies
}

const cookieName = 'sundry_mailbox'

/**
 * Proves that whoever asks may read the rehearsal's mail: the owner, or whoever was at the console and opened the link it
 * printed (?key=), which leaves a cookie for this page alone. Outside rehearsal there is no mailbox.
 */
export function mailboxReader(request: Request): { readonly isOwner: boolean } {
  const { settings, mailboxKey } = runtime()
  if (settings.stripe.mode !== 'rehearsal') error(404, 'There is no page here.')
  const { url, cookies } = request
  const key = url.searchParams.get('key')
  if (key !== null && isSameText(key, mailboxKey)) {
    cookies.set(cookieName, sign('mailbox', mailboxKey), {
      path: '/mailbox',
      httpOnly: true,
      sameSite: 'lax',
      secure: settings.origin.startsWith('https:'),
    })
    // The key does not stay in the address, where it would be copied along with it.
    redirect(303, url.pathname)
  }
  if (request.locals.actor?.kind === 'owner') return { isOwner: true }
  const cookie = cookies.get(cookieName)
  if (cookie !== undefined && isSigned(cookie, 'mailbox', mailboxKey)) return { isOwner: false }
  ownerOnly(request)
  return { isOwner: true }
}
