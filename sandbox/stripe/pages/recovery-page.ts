import type { ApiRequest } from '../http/request.ts'
import type { HttpAnswer } from '../http/answer.ts'
import type { Sandbox } from '../sandbox.ts'
import { recoverSession } from '../engine/checkout-recovery.ts'
import { redirect } from './layout.ts'
import { messagePage, nothingHere } from './message-page.ts'
import { pathPrefix } from './path-prefix.ts'

/**
 * The way back into an expired checkout: opens a session like it, once; coming again leads to the
 * same one while it is open.
 */
export async function answerRecoveryPage(
  sandbox: Sandbox,
  request: ApiRequest,
  token: string,
): Promise<HttpAnswer> {
  const account = await sandbox.store.accountOf('_recovery', token)
  if (account === undefined) return nothingHere()
  const id = await sandbox.change(
    account,
    { id: request.id, idempotencyKey: null },
    async (work) => {
      const recovery = await work.get('_recovery', token)
      if (recovery === undefined || work.now >= recovery.expiresAt) return undefined
      const known =
        recovery.recoveredBy === null
          ? undefined
          : await work.get('checkout.session', recovery.recoveredBy)
      if (known !== undefined && known.status !== 'expired') return known.id
      const expired = await work.named('checkout.session', recovery.session, 'session')
      const session = await recoverSession(work, expired)
      work.put('_recovery', { ...recovery, recoveredBy: session.id })
      return session.id
    },
  )
  return id === undefined
    ? messagePage({
        status: 410,
        title: 'This link has expired',
        text: ['Go to the shop and start again. Nothing was charged.'],
      })
    : redirect(`${pathPrefix(sandbox)}/c/pay/${id}`)
}
