import { error, fail, redirect } from '@sveltejs/kit'
import type { Actions, PageServerLoad } from './$types'
import { ownerOnly, provenForm, requireFreshProof } from '#modules/accounts/server/index.ts'
import { evidenceOf } from '#modules/orders/evidence.ts'
import { orderById } from '#modules/orders/server/index.ts'
import {
  disputeReasonWords,
  disputeStateWords,
  needsAnswer,
} from '#modules/payments/dispute-words.ts'
import { disputeById, requestAnswer, sendAnswerNow } from '#modules/payments/server/index.ts'
import { manyLines } from '#modules/platform/plain-text.ts'
import { db, inTransaction, textField } from '#modules/platform/server/index.ts'
import type { OrderNotice } from '../../order-notices.ts'
import { saleRecord } from '../../sale-record.server.ts'

const mostOwnWords = 10_000

async function disputeOfOrder(orderId: string, disputeId: string) {
  const order = (await orderById(db(), orderId)) ?? error(404, 'There is no order here.')
  const dispute = await disputeById(db(), disputeId)
  if (!dispute || dispute.checkoutId !== order.checkoutId) error(404, 'There is no dispute here.')
  return { order, dispute }
}

/** The evidence as it would be sent, with room for the owner's own words. */
export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const { order, dispute } = await disputeOfOrder(event.params.id, event.params.dispute)
  if (needsAnswer(dispute.state)) await requireFreshProof(event, 'refund')
  return {
    order: { id: order.id, number: order.number },
    dispute: {
      reasonWords: disputeReasonWords(dispute.reason),
      stateWords: disputeStateWords(dispute.state),
      amountMinor: dispute.amountMinor,
      currency: dispute.currency,
      dueAt: dispute.evidenceDueAt,
      isOpen: needsAnswer(dispute.state) && dispute.answer?.state !== 'sent',
      answer: dispute.answer,
    },
    evidence: Object.entries(
      dispute.answer?.kind === 'evidence' && dispute.answer.state !== 'refused'
        ? dispute.answer.evidence
        : evidenceOf(await saleRecord(db(), order), ''),
    ).map(([name, text]) => ({ name, text })),
    mostOwnWords,
  }
}

const notices = {
  unknown: 'dispute-over',
  not_waiting: 'dispute-over',
  answered_already: 'dispute-answered',
  other_backend: 'dispute-elsewhere',
} as const satisfies Record<string, OrderNotice>

const sent = {
  sent: 'dispute-sent',
  refused: 'dispute-refused',
  later: 'dispute-later',
} as const satisfies Record<string, OrderNotice>

export const actions: Actions = {
  async evidence(event) {
    const owner = ownerOnly(event)
    const { form } = await provenForm(event, 'refund')
    const { order } = await disputeOfOrder(event.params.id, event.params.dispute)
    const words = manyLines(textField(form, 'words'))
    if (words.length > mostOwnWords)
      return fail(400, {
        words,
        errors: {
          words: `Please shorten this to ${mostOwnWords.toLocaleString('en')} characters.`,
        },
      })
    const evidence: Record<string, string> = {}
    for (const [name, text] of Object.entries(evidenceOf(await saleRecord(db(), order), words)))
      if (text !== undefined) evidence[name] = text
    const asked = await inTransaction(
      (tx) =>
        requestAnswer(tx, event.params.dispute, { kind: 'evidence', evidence }, owner.memberId),
      'money',
    )
    backTo(
      order.id,
      asked.ok ? sent[await sendAnswerNow(event.params.dispute)] : notices[asked.reason],
    )
  },

  async accept(event) {
    const owner = ownerOnly(event)
    await provenForm(event, 'refund')
    const { order } = await disputeOfOrder(event.params.id, event.params.dispute)
    const asked = await inTransaction(
      (tx) => requestAnswer(tx, event.params.dispute, { kind: 'acceptance' }, owner.memberId),
      'money',
    )
    backTo(
      order.id,
      asked.ok ? sent[await sendAnswerNow(event.params.dispute)] : notices[asked.reason],
    )
  },
}

function backTo(orderId: string, notice: OrderNotice): never {
  redirect(303, `/admin/orders/${orderId}?notice=${notice}`)
}
