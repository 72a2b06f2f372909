import { error, redirect } from '@sveltejs/kit'
import { ownerOnly, provenForm } from '#modules/accounts/server/index.ts'
import { planPrice } from '#modules/memberships/plan-words.ts'
import { leftOutWords, personWords } from '#modules/memberships/price-move.ts'
import {
  callMoveOff,
  moveById,
  movePersons,
  retryMove,
  type PersonFilter,
} from '#modules/memberships/server/index.ts'
import { turnLinks, turnOf } from '#modules/platform/paging.ts'
import { db, inTransaction } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { leftOutList } from '../left-out.server.ts'
import type { Actions, PageServerLoad } from './$types'

const filters = ['all', 'coming', 'moved', 'staying', 'failed'] as const
const notices = ['off', 'again'] as const

/** How far a move of subscribers to another price is. Stripe is not asked for it. */
export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const view = await moveById(db(), event.params.move)
  if (!view) gone()
  const query = event.url.searchParams
  const show: PersonFilter = filters.find((one) => one === query.get('show')) ?? 'all'
  const [site, page] = await Promise.all([
    siteIdentity(db()),
    movePersons(
      db(),
      view.move.id,
      show,
      turnOf(query, (text) => /^\d{1,15}$/.test(text)),
    ),
  ])
  const { move, from, to, progress } = view
  const count = (...states: readonly (keyof typeof progress.states)[]) =>
    states.reduce((sum, state) => sum + (progress.states[state] ?? 0), 0)
  const here = new URL(event.url.pathname, event.url)
  if (show !== 'all') here.searchParams.set('show', show)
  return {
    move: {
      id: move.id,
      state: move.state,
      noticeDays: move.noticeDays,
      createdAt: move.createdAt,
      finishedAt: move.finishedAt,
    },
    from: { id: from.id, title: from.title, price: planPrice(from, site.locale) },
    to: { title: to.title, price: planPrice(to, site.locale), isEnabled: to.isEnabled },
    counts: {
      all: count('waiting', 'told', 'setting', 'set', 'moved', 'left', 'kept'),
      toTell: count('waiting'),
      coming: count('waiting', 'told', 'setting', 'set'),
      moved: count('moved'),
      staying: count('left', 'kept', 'left_out'),
      left: count('left'),
      kept: count('kept'),
      failed: progress.failed,
    },
    leftOut: leftOutList(progress.leftOut),
    show,
    people: page.rows.map((row) => ({
      id: row.id,
      customerId: row.customerId,
      email: row.email ?? 'Nobody here is known',
      firstAt: row.firstAt,
      ...personWords[row.state],
      about: row.reason && leftOutWords[row.reason],
      failure: row.failure,
    })),
    ...turnLinks(here, page),
    notice: notices.find((one) => one === query.get('notice')),
  }
}

export const actions: Actions = {
  async off(event) {
    const owner = ownerOnly(event)
    await provenForm(event, 'price')
    const { move } = event.params
    if (!(await moveById(db(), move))) gone()
    const isOff = await inTransaction((tx) => callMoveOff(tx, owner, move), 'money')
    redirect(303, `/admin/subscriptions/price/${move}${isOff ? '?notice=off' : ''}`)
  },

  async retry(event) {
    ownerOnly(event)
    const { move } = event.params
    if (!(await moveById(db(), move))) gone()
    await inTransaction((tx) => retryMove(tx, move), 'money')
    redirect(303, `/admin/subscriptions/price/${move}?notice=again`)
  },
}

function gone(): never {
  error(404, 'There is no such move to another price.')
}
