import type { Task } from '../store/store.ts'
import type { Work } from './work.ts'
import { BILLING_TASKS } from './billing/due.ts'
import { settle } from './checkout-payment.ts'
import { expireSession } from './checkout-sessions.ts'
import { decide, missDeadline } from './dispute.ts'
import { openDispute } from './dispute-opening.ts'
import { cancelIntent } from './authorizations.ts'
import { warnOfFraud } from './early-fraud-warning.ts'
import { failRefund, settleRefund } from './refund.ts'
import { CLOCK_TASKS } from './test-clocks.ts'

/** What is done when a task falls due. A task whose object has moved on meanwhile does nothing. */
const TASKS: Readonly<Record<string, (work: Work, object: string) => Promise<unknown>>> = {
  ...BILLING_TASKS,
  ...CLOCK_TASKS,
  async 'session.expire'(work, id) {
    const session = await work.get('checkout.session', id)
    if (session?.status === 'open') await expireSession(work, session)
  },
  async 'debit.settle'(work, id) {
    const intent = await work.get('payment_intent', id)
    if (intent?.status === 'processing') await settle(work, intent)
  },
  async 'authorization.expire'(work, id) {
    const intent = await work.get('payment_intent', id)
    if (intent?.status === 'requires_capture') await cancelIntent(work, intent, 'automatic')
  },
  'refund.settle': (work, id) => settleRefund(work, id),
  'refund.fail': (work, id) => failRefund(work, id),
  'dispute.deadline': (work, id) => missDeadline(work, id),
  'dispute.win': (work, id) => decideTask(work, id, 'win'),
  'dispute.lose': (work, id) => decideTask(work, id, 'lose'),
  'dispute.escalate': (work, id) => decideTask(work, id, 'escalate'),
  'aftermath.fraudulent_dispute': (work, id) =>
    openDispute(work, id, { reason: 'fraudulent', isInquiry: false }),
  'aftermath.not_received_dispute': (work, id) =>
    openDispute(work, id, { reason: 'product_not_received', isInquiry: false }),
  'aftermath.inquiry': (work, id) =>
    openDispute(work, id, { reason: 'fraudulent', isInquiry: true }),
  'aftermath.early_fraud_warning': (work, id) => warnOfFraud(work, id, 'misc'),
}

async function decideTask(
  work: Work,
  id: string,
  deed: 'win' | 'lose' | 'escalate',
): Promise<void> {
  const dispute = await work.named('dispute', id, 'dispute')
  if (['won', 'lost', 'warning_closed'].includes(dispute.status)) return
  await decide(work, dispute, deed)
}

export async function runTask(work: Work, task: Task): Promise<void> {
  const run = TASKS[task.type]
  if (run === undefined) throw new Error(`No such task: ${task.type}`)
  work.callOff(task.id)
  await run(work, task.object)
}
