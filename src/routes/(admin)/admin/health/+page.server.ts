import { redirect } from '@sveltejs/kit'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { db, runtime } from '#modules/platform/server/index.ts'
import { addressLine, inOrder } from '#modules/setup/self-test-words.ts'
import { runSelfTest, selfTestLines } from '#modules/setup/server/index.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const { settings } = runtime()
  const { headers } = event.request
  const stored = await selfTestLines(db())
  // The address is judged by this very request.
  const address = addressLine({
    origin: settings.origin,
    host: headers.get('host') ?? undefined,
    forwardedHost: headers.get('x-forwarded-host') ?? undefined,
    forwardedProto: headers.get('x-forwarded-proto') ?? undefined,
    hops: (headers.get('x-forwarded-for') ?? '').split(',').filter((one) => one.trim() !== '')
      .length,
    trustedProxies: settings.trustedProxies,
  })
  const times = stored.map((line) => line.checkedAt.getTime())
  return {
    lines: inOrder([address, ...stored]),
    checkedAt: times.length > 0 ? new Date(Math.min(...times)) : undefined,
    isFresh: event.url.searchParams.has('tested'),
  }
}

export const actions: Actions = {
  default: async (event) => {
    ownerOnly(event)
    await runSelfTest()
    redirect(303, '/admin/health?tested')
  },
}
