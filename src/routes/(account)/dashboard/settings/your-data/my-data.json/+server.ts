import { error } from '@sveltejs/kit'
import type { RequestHandler } from './$types'
import { memberOnly, requireFreshProof } from '#modules/accounts/server/index.ts'
import { audit, db, inTransaction, now, streamed, useLimit } from '#modules/platform/server/index.ts'
import { exportOf, personOf } from '#modules/privacy/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'

const exportLimit = { name: 'my-data', most: 20, windowSeconds: 3_600 } as const

/** Everything that is held of a member, as one file. */
export const GET: RequestHandler = async (event) => {
  const actor = memberOnly(event)
  await requireFreshProof(event, 'take')
  const allowed = await useLimit(exportLimit, actor.memberId)
  if (!allowed.ok)
    error(429, 'You have taken your data many times in the last hour. Please try again later.')
  const [person, site, at] = await Promise.all([personOf(db(), actor), siteIdentity(db()), now(db())])
  await inTransaction((tx) =>
    audit(tx, {
      actor: { kind: actor.kind, memberId: actor.memberId },
      action: 'member.data_taken',
      subject: { kind: 'member', id: actor.memberId },
    }),
  )
  const pieces = exportOf(db(), person, site.name)
  return new Response(streamed(pieces), {
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      'content-disposition': `attachment; filename="my-data-${at.toISOString().slice(0, 10)}.json"`,
    },
  })
}
