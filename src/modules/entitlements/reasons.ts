import type { EndReason, EntitlementState } from './types.ts'

/** What a buyer is told when something does not open: one sentence on why, one on what to do. */
export function explainEntitlement(
  state: EntitlementState,
  reason: EndReason | undefined,
): { title: string; words: string } {
  if (state === 'active') return { title: 'Yours', words: 'This is yours to open.' }
  if (state === 'pending')
    return {
      title: 'Being prepared',
      words: 'This is being prepared for you and will be here in a moment.',
    }
  switch (reason) {
    case 'refunded':
      return {
        title: 'Refunded',
        words:
          'This purchase was refunded, so it no longer opens. You can buy it again at any time.',
      }
    case 'disputed':
      return {
        title: 'Under review',
        words:
          'The payment for this is being disputed with your bank. It opens again if the dispute is settled in the shop’s favour or withdrawn.',
      }
    case 'dispute_lost':
      return {
        title: 'Payment taken back',
        words:
          'Your bank returned the payment for this, so it no longer opens. You can buy it again at any time.',
      }
    case 'reassigned':
      return {
        title: 'Moved',
        words: 'This purchase was moved to another address at its buyer’s request.',
      }
    case 'unpaid':
      return {
        title: 'Payment owed',
        words:
          'A payment for this is owed, so it does not open. It opens again as soon as it is paid.',
      }
    case 'paused':
      return {
        title: 'Paused',
        words: 'This is paused and nothing is charged. It opens again when it goes on.',
      }
    case 'ended':
    case undefined:
      return { title: 'Ended', words: 'Your access to this has ended.' }
  }
}
