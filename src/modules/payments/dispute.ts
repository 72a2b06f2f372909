/**
 * What a dispute's state means for access. Stripe's words; source: the Dispute object, field status.
 * An inquiry (warning_...) is a question, no money has moved: access stays. A word we do not know freezes.
 */
export function disputeStanding(state: string): 'inquiry' | 'open' | 'won' | 'lost' {
  switch (state) {
    case 'warning_needs_response':
    case 'warning_under_review':
      return 'inquiry'
    case 'won':
    case 'warning_closed':
    case 'prevented':
      return 'won'
    case 'lost':
      return 'lost'
    default:
      return 'open'
  }
}
