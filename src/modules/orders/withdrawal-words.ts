const dayMs = 86_400_000

/** Days in which a consumer may withdraw. Source: Directive 2011/83/EU, Article 9. */
export const withdrawalDays = 14

export interface WithdrawalFacts {
  readonly placedAt: Date
  readonly receivedAt: Date
  /** When the buyer asked for delivery at once and gave up the right by it; undefined: never. */
  readonly waivedAt: Date | undefined
  /** When something was fetched whole for the first time; undefined: nothing was. */
  readonly deliveredAt: Date | undefined
}

export interface WithdrawalAdvice {
  /** What the law most likely says; the owner decides. */
  readonly isDue: boolean
  readonly words: string
}

/**
 * What the owner is told before deciding. The right to withdraw from digital goods ends with their delivery, if the buyer had
 * asked for it at once and knew that; without both it lasts fourteen days from the purchase.
 * Source: Directive 2011/83/EU, Articles 9 and 16 (m). Words of advice, not a judgement.
 */
export function withdrawalAdvice(facts: WithdrawalFacts): WithdrawalAdvice {
  const isInTime = facts.receivedAt.getTime() - facts.placedAt.getTime() <= withdrawalDays * dayMs
  if (!isInTime)
    return {
      isDue: false,
      words: `It came more than ${withdrawalDays} days after the purchase: the right had ended. You may accept it all the same.`,
    }
  if (facts.waivedAt && facts.deliveredAt && facts.deliveredAt <= facts.receivedAt)
    return {
      isDue: false,
      words:
        'They asked for delivery at once, gave up the right to withdraw by it, and then fetched what they bought: the right had ended. You may accept it all the same.',
    }
  if (facts.waivedAt)
    return {
      isDue: true,
      words:
        'They asked for delivery at once, but nothing was fetched whole before the withdrawal: the right most likely stands. Accept it and refund.',
    }
  return {
    isDue: true,
    words: `It came within ${withdrawalDays} days, and nothing shows that they gave up the right: it stands. Accept it and refund.`,
  }
}
