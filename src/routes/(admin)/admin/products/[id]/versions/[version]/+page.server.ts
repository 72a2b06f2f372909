import { error, fail, redirect } from '@sveltejs/kit'
import type { Actions, PageServerLoad, RequestEvent } from './$types'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import {
  holdersOfVersion,
  stopTelling,
  tellBuyers,
  versionOverview,
} from '#modules/downloads/server/index.ts'
import { turnLinks, turnOf } from '#modules/platform/paging.ts'
import { db, inTransaction } from '#modules/platform/server/index.ts'

const filters = ['all', 'fetched', 'not_fetched'] as const

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const { id, version } = event.params
  const found = await versionOverview(db(), id, version)
  if (!found) gone()
  const query = event.url.searchParams
  const which = filters.find((name) => name === query.get('which')) ?? 'all'
  const page = await holdersOfVersion(db(), found.version, which, turnOf(query))
  return { ...found, which, holders: page.rows, ...turnLinks(event.url, page) }
}

export const actions: Actions = {
  async tell(event) {
    const owner = ownerOnly(event)
    const told = await inTransaction((tx) => tellBuyers(tx, owner, versionOf(event)))
    if (told.ok) redirect(303, event.url.pathname)
    switch (told.reason) {
      case 'not_found':
        return gone()
      case 'not_newest':
        return fail(409, {
          words: 'There is a newer version of this file. Tell the buyers of that one.',
        })
      case 'nobody':
        return fail(409, {
          words: 'Nobody is left to be told: who had it before was told, or has fetched it.',
        })
    }
  },

  async stop(event) {
    const owner = ownerOnly(event)
    const stopped = await inTransaction((tx) => stopTelling(tx, owner, versionOf(event)))
    if (!stopped) return fail(409, { words: 'It was not running any more.' })
    redirect(303, event.url.pathname)
  },
}

function versionOf({ params }: RequestEvent) {
  return { productId: params.id, versionId: params.version }
}

function gone(): never {
  error(404, 'There is no such version (any more).')
}
