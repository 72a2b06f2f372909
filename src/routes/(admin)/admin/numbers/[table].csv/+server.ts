import { error } from '@sveltejs/kit'
import type { RequestHandler } from './$types'
import { ownerOnly, requireFreshProof } from '#modules/accounts/server/index.ts'
import { exportTable, isMembershipTable, isTable } from '#modules/numbers/server/index.ts'
import { audit, db, inTransaction, streamed } from '#modules/platform/server/index.ts'
import { askedMembershipsOf, askedOf } from '../asked.server.ts'

/** A table as CSV, for the period that the page shows. The data of the shop leaves it: a fresh proof first, and on record. */
export const GET: RequestHandler = async (event) => {
  const owner = ownerOnly(event)
  const { table } = event.params
  if (!isTable(table)) error(404, 'There is no such table.')
  await requireFreshProof(event, 'export')
  const { asked, problem, today, currency } = await whatIsAsked(event.url, isMembershipTable(table))
  if (problem) error(400, problem)
  await inTransaction((tx) =>
    audit(tx, {
      actor: { kind: 'owner', memberId: owner.memberId },
      action: 'numbers.exported',
      subject: { kind: 'table', id: table },
      detail: { from: asked.from, to: asked.to, money: asked.money },
    }),
  )
  const pieces = exportTable(db(), table, asked, today, currency)
  const name = `${table}-${asked.from}-to-${asked.to}${asked.money === 'play' ? '-play-money' : ''}.csv`
  return new Response(streamed(pieces), {
    headers: {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="${name}"`,
    },
  })
}

async function whatIsAsked(url: URL, ofMemberships: boolean) {
  if (ofMemberships) {
    const read = await askedMembershipsOf(url)
    return { ...read, currency: read.asked.currency }
  }
  const read = await askedOf(url)
  return { ...read, currency: read.site.currency }
}
