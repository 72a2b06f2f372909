/** How a declaration stands, for the owner. */
export const withdrawalStates = {
  received: { tone: 'warn', words: 'Needs your decision' },
  accepted: { tone: 'good', words: 'Accepted' },
  declined: { tone: 'quiet', words: 'Declined' },
} as const
