import { audit, db, log, type Db, type Tx } from '#modules/platform/server/index.ts'
import { isId } from '#modules/platform/ids.ts'
import { needsAnswer } from '../dispute-words.ts'
import { GatewayError } from '../gateway.ts'
import { currentBackend } from './backend.ts'
import {
  findAnswer,
  findDispute,
  insertAnswer,
  setAnswer,
  type DisputeRow,
} from './store.disputes.ts'
import { syncPayment } from './sync.ts'
import { within } from './within.ts'

export type { DisputeRow } from './store.disputes.ts'

/** One dispute with the checkout it is about; undefined for an id that is none. */
export async function disputeById(db: Db, id: string): Promise<DisputeRow | undefined> {
  return isId(id) ? findDispute(db, id) : undefined
}

export type Answer =
  | { readonly kind: 'evidence'; readonly evidence: Readonly<Record<string, string>> }
  | { readonly kind: 'acceptance' }

export type AnswerRequest =
  | { readonly ok: true }
  | {
      readonly ok: false
      readonly reason: 'unknown' | 'not_waiting' | 'answered_already' | 'other_backend'
    }

/**
 * Writes down how a dispute is answered: with evidence, or by letting it go. Runs in the owner's transaction; Stripe is asked
 * afterwards by sendAnswer, and by the sweep until it has answered. Once: banks take one answer. On record.
 */
export async function requestAnswer(
  tx: Tx,
  disputeId: string,
  answer: Answer,
  memberId: string,
): Promise<AnswerRequest> {
  const dispute = await disputeById(tx, disputeId)
  if (!dispute) return { ok: false, reason: 'unknown' }
  if (dispute.backendId !== (await currentBackend()).id)
    return { ok: false, reason: 'other_backend' }
  if (!needsAnswer(dispute.state)) return { ok: false, reason: 'not_waiting' }
  const isFirst = await insertAnswer(tx, {
    disputeId,
    kind: answer.kind,
    evidence: answer.kind === 'evidence' ? answer.evidence : {},
    requestedBy: memberId,
  })
  if (!isFirst) return { ok: false, reason: 'answered_already' }
  await audit(tx, {
    actor: { kind: 'owner', memberId },
    action: answer.kind === 'evidence' ? 'dispute.evidence_sent' : 'dispute.accepted',
    subject: { kind: 'dispute', id: disputeId },
    detail: {
      checkout: dispute.checkoutId,
      amountMinor: dispute.amountMinor,
      currency: dispute.currency,
      ...(answer.kind === 'evidence' ? { texts: Object.keys(answer.evidence).length } : {}),
    },
  })
  return { ok: true }
}

/** The owner waits at most this long for Stripe's answer. */
const ownerLimitMs = 8_000

/**
 * Sends a requested answer while the owner waits. later: Stripe did not answer in time; it is noted, and the sweep sends it.
 * refused: Stripe will not take it; the answer is open again, with the reason.
 */
export async function sendAnswerNow(disputeId: string): Promise<'sent' | 'refused' | 'later'> {
  try {
    return await within(ownerLimitMs, sendAnswer(disputeId))
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    log.warn({ dispute: disputeId, fault: error.fault }, 'the answer to a dispute is sent later')
    return 'later'
  }
}

/** Safe to call any number of times. Throws GatewayError when Stripe could not be asked. */
export async function sendAnswer(disputeId: string): Promise<'sent' | 'refused'> {
  const answer = await findAnswer(db('money'), disputeId)
  const dispute = await findDispute(db('money'), disputeId)
  if (!answer || answer.state !== 'requested' || !dispute) return 'sent'
  const { gateway } = await currentBackend()
  try {
    if (answer.kind === 'evidence')
      await gateway.sendEvidence(
        { stripeDisputeId: dispute.stripeDisputeId, evidence: answer.evidence },
        'person',
      )
    else await gateway.acceptDispute(dispute.stripeDisputeId, 'person')
  } catch (error) {
    if (
      !(error instanceof GatewayError) ||
      (error.fault !== 'refused' && error.fault !== 'not_found')
    )
      throw error
    await setAnswer(db('money'), disputeId, {
      state: 'refused',
      failure: error.message.slice(0, 500),
    })
    if (dispute.paymentIntentId) await mirrored(dispute.paymentIntentId)
    return 'refused'
  }
  await setAnswer(db('money'), disputeId, { state: 'sent' })
  if (dispute.paymentIntentId) await mirrored(dispute.paymentIntentId)
  return 'sent'
}

/** What Stripe says now is written down at once where it can be; otherwise the event brings it. */
async function mirrored(paymentIntentId: string): Promise<void> {
  await syncPayment(paymentIntentId, { cause: 'answer to a dispute', lane: 'person' })
}
