import { error, redirect } from '@sveltejs/kit'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { readForm } from '#modules/accounts/schemas.ts'
import { banForm, decisionForm, undoForm } from '#modules/community/schemas.ts'
import {
  banMember,
  decide,
  moderationCounts,
  moderationQueue,
  unbanMember,
  undoDecision,
  type QueueFilter,
} from '#modules/community/server/index.ts'
import { isId } from '#modules/platform/ids.ts'
import { turnLinks, turnOf } from '#modules/platform/paging.ts'
import { db, inTransaction, postedForm } from '#modules/platform/server/index.ts'
import type { Actions, PageServerLoad, RequestEvent } from './$types'

const filters = ['waiting', 'spam', 'hidden', 'all'] as const satisfies readonly QueueFilter[]

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const query = event.url.searchParams
  const filter = filters.find((known) => known === query.get('show')) ?? 'waiting'
  const [page, counts] = await Promise.all([
    moderationQueue(db(), filter, turnOf(query, isId)),
    moderationCounts(db()),
  ])
  const undo = query.get('undo') ?? ''
  return {
    comments: page.rows,
    links: turnLinks(withoutSaid(event.url), page),
    counts,
    filter,
    done: query.get('done') ?? '',
    undo: /^\d{1,15}$/.test(undo) ? undo : undefined,
  }
}

export const actions: Actions = {
  decide: async (event) => {
    const owner = ownerOnly(event)
    const read = readForm(decisionForm, await postedForm(event.request))
    if (!read.ok) error(400, 'Choose what becomes of it: show it, hide it, or call it spam.')
    const { comment, decision } = read.values
    const result = await inTransaction((tx) => decide(tx, owner, comment, decision))
    if (result.ok) back(event, decision, result.undo)
    back(event, result.reason)
  },

  undo: async (event) => {
    const owner = ownerOnly(event)
    const read = readForm(undoForm, await postedForm(event.request))
    if (!read.ok) error(400, 'There is nothing to take back.')
    const result = await inTransaction((tx) => undoDecision(tx, owner, read.values.entry))
    back(event, result.ok ? 'undone' : result.reason)
  },

  ban: async (event) => {
    const owner = ownerOnly(event)
    const read = readForm(banForm, await postedForm(event.request))
    if (!read.ok) error(400, 'Nobody was named.')
    const result = await inTransaction((tx) => banMember(tx, owner, read.values.member))
    if (!result.ok && result.reason !== 'same') error(404, 'There is no such member.')
    back(event, 'banned')
  },

  unban: async (event) => {
    const owner = ownerOnly(event)
    const read = readForm(banForm, await postedForm(event.request))
    if (!read.ok) error(400, 'Nobody was named.')
    await inTransaction((tx) => unbanMember(tx, owner, read.values.member))
    back(event, 'unbanned')
  },
}

function withoutSaid(url: URL): URL {
  const clean = new URL(url)
  for (const name of ['done', 'undo']) clean.searchParams.delete(name)
  return clean
}

/** To the list as it was, with what was done. */
function back(event: RequestEvent, done: string, undo?: string): never {
  const query = new URLSearchParams(
    [...withoutSaid(event.url).searchParams].filter(([name]) => !name.startsWith('/')),
  )
  query.set('done', done)
  if (undo !== undefined) query.set('undo', undo)
  redirect(303, `/admin/comments?${query}`)
}
