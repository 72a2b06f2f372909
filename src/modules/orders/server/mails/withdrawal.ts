import { runtime, type OutgoingMail } from '#modules/platform/server/index.ts'
import type { Withdrawal } from '../store.withdrawals.ts'

const instant = (at: Date) => `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`

/** What they declared and when it arrived: the durable record that the law asks for. */
export function withdrawalReceivedMail(withdrawal: Withdrawal): OutgoingMail {
  return {
    template: 'withdrawal_received',
    entityKey: withdrawal.id,
    to: withdrawal.email,
    subject: 'We have received your withdrawal',
    content: {
      preheader: `Received ${instant(withdrawal.receivedAt)}.`,
      heading: 'We have received your withdrawal',
      blocks: [
        {
          kind: 'text',
          text: 'This is what you declared, and when it reached us. Keep this mail.',
        },
        {
          kind: 'table',
          rows: [
            { label: 'Received', value: instant(withdrawal.receivedAt) },
            ...(withdrawal.name ? [{ label: 'Name', value: withdrawal.name }] : []),
            { label: 'E-mail', value: withdrawal.email },
            { label: 'Order', value: withdrawal.orderTyped || 'not named' },
          ],
        },
        ...(withdrawal.words ? [{ kind: 'text' as const, text: `“${withdrawal.words}”` }] : []),
        {
          kind: 'text',
          text: 'We answer by mail. Where you may withdraw, your money goes back within fourteen days.',
        },
      ],
      footnote:
        'You get this mail because somebody with this address withdrew from a contract in this shop.',
    },
  }
}

export function ownerWithdrawalMail(withdrawal: Withdrawal, to: string): OutgoingMail {
  return {
    template: 'owner_withdrawal',
    entityKey: withdrawal.id,
    to,
    subject: `${withdrawal.email} withdraws from a purchase`,
    content: {
      preheader: `Received ${instant(withdrawal.receivedAt)}.`,
      heading: 'Somebody withdraws from a purchase',
      blocks: [
        {
          kind: 'text',
          text: withdrawal.orderId
            ? 'It is about an order of yours. Before you decide you see what was agreed to and what was downloaded.'
            : 'No order fits the number and address that were typed. Look for it by hand.',
        },
        {
          kind: 'button',
          label: 'Look at it',
          url: `${runtime().settings.origin}/admin/withdrawals/${withdrawal.id}`,
        },
      ],
      footnote: 'You get this mail because it is your shop.',
    },
  }
}

export function withdrawalDecidedMail(withdrawal: Withdrawal): OutgoingMail {
  const isAccepted = withdrawal.state === 'accepted'
  return {
    template: 'withdrawal_decided',
    entityKey: withdrawal.id,
    to: withdrawal.email,
    subject: isAccepted ? 'Your withdrawal is accepted' : 'About your withdrawal',
    content: {
      preheader: isAccepted ? 'Your money goes back.' : 'Why it does not end the purchase.',
      heading: isAccepted ? 'Your withdrawal is accepted' : 'About your withdrawal',
      blocks: [
        {
          kind: 'text',
          text: isAccepted
            ? 'Your money goes back to the card or account you paid with, within fourteen days of your declaration.'
            : 'We have looked at your declaration. The purchase stands, for this reason:',
        },
        ...(withdrawal.decision ? [{ kind: 'text' as const, text: withdrawal.decision }] : []),
      ],
      footnote: `Your declaration reached us ${instant(withdrawal.receivedAt)}.`,
    },
  }
}
