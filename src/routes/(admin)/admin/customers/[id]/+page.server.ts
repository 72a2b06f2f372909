import { error, fail, redirect } from '@sveltejs/kit'
import type { Actions, PageServerLoad } from './$types'
import { customerDetail, ownerOnly, provenForm } from '#modules/accounts/server/index.ts'
import { endActivation, licencesOf } from '#modules/licences/server/index.ts'
import { orderState, orderStateWords } from '#modules/orders/order-state.ts'
import {
  compsOfCustomers,
  endComp,
  ordersOfCustomer,
  ordersOfMember,
  spendingOf,
} from '#modules/orders/server/index.ts'
import { turnLinks, turnOf } from '#modules/platform/paging.ts'
import { oneLine } from '#modules/platform/plain-text.ts'
import { db, inTransaction, postedForm, textField } from '#modules/platform/server/index.ts'

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const customer = await customerDetail(db(), event.params.id)
  if (!customer) error(404, 'There is no customer at this address.')
  const turn = turnOf(event.url.searchParams)
  const all = [customer.id, ...customer.sameMember.map((other) => other.id)]
  const [page, spending, comps] = await Promise.all([
    // A member's purchases are one history, whatever address they were made with.
    customer.memberId
      ? ordersOfMember(db(), customer.memberId, turn)
      : ordersOfCustomer(db(), customer.id, turn),
    spendingOf(db(), all),
    compsOfCustomers(db(), all),
  ])
  const licences = await licencesOf(
    db(),
    'comp',
    comps.map((comp) => comp.id),
  )
  const spent = [...spending.values()]
  return {
    customer: {
      name: customer.member?.name || customer.name,
      email: customer.member?.email ?? customer.email,
      // The address of purchases and those of the same member, each once.
      addresses: [...new Set([customer.email, ...customer.sameMember.map((other) => other.email)])],
      member: customer.member && {
        createdAt: customer.member.createdAt,
        avatarUrl: customer.member.avatarUrl,
        isOwner: customer.member.role === 'owner',
      },
      createdAt: customer.createdAt,
    },
    orderCount: spent.reduce((sum, one) => sum + one.orders, 0),
    spentMinor: spent.reduce((sum, one) => sum + one.keptMinor, 0),
    orders: page.rows.map((order) => ({
      id: order.id,
      number: order.number,
      placedAt: order.placedAt,
      titles: order.lines.map((line) => line.title),
      total: { minor: order.totalMinor, currency: order.currency },
      state: orderState(order),
      stateWord: orderStateWords[orderState(order)],
    })),
    customerId: customer.id,
    comps: comps.map(({ id, title, reason, createdAt, endedAt, endedReason }) => ({
      id,
      title,
      reason,
      createdAt,
      endedAt,
      endedReason,
    })),
    licences,
    notice: event.url.searchParams.get('notice') ?? '',
    ...turnLinks(event.url, page),
  }
}

export const actions: Actions = {
  /** Ends an activation of a licence key that was given. */
  async endActivation(event) {
    const owner = ownerOnly(event)
    const form = await postedForm(event.request)
    const customer = await customerDetail(db(), event.params.id)
    if (!customer) error(404, 'There is no customer at this address.')
    const all = [customer.id, ...customer.sameMember.map((other) => other.id)]
    const isEnded = await inTransaction(async (tx) => {
      const comps = await compsOfCustomers(tx, all)
      return endActivation(
        tx,
        { kind: 'owner', memberId: owner.memberId },
        { kind: 'comp', ids: comps.map((comp) => comp.id) },
        textField(form, 'activation'),
      )
    })
    redirect(
      303,
      `/admin/customers/${event.params.id}?notice=activation-${isEnded ? 'ended' : 'gone'}#licences`,
    )
  },

  /** Takes back what was given. */
  async takeBack(event) {
    const owner = ownerOnly(event)
    const { form } = await provenForm(event, 'access')
    const reason = oneLine(textField(form, 'reason').slice(0, 2_000)).slice(0, 500)
    if (reason === '')
      return fail(400, { errors: { reason: 'Say in a few words why. It is kept.' } })
    await inTransaction((tx) => endComp(tx, owner, textField(form, 'comp'), reason))
    redirect(303, `/admin/customers/${event.params.id}?notice=taken-back`)
  },
}
