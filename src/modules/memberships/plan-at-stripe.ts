/** What is known of a plan at Stripe. */
export interface PlanAtStripe {
  /** It has a price there. */
  readonly isThere: boolean
  /** Stripe is to be asked (again): it is new, was renamed, disabled or enabled, or did not answer. */
  readonly isDue: boolean
  /** What Stripe, or the way there, said last; undefined: nothing went wrong. */
  readonly problem: string | undefined
  /** It was archived in Stripe's own dashboard, and disabled here for it. */
  readonly closedThereAt?: Date | undefined
}

export interface PlanAtStripeWords {
  readonly word: string
  readonly tone: 'good' | 'warn' | 'bad' | 'quiet'
  /** What goes on, in a sentence; undefined where there is nothing to say. */
  readonly about: string | undefined
  /** Whether asking Stripe again now may change anything. */
  readonly canTry: boolean
}

/** How a plan's standing at Stripe is told to the owner. known: undefined where Stripe never heard of it. */
export function planAtStripeWords(
  known: PlanAtStripe | undefined,
  isEnabled: boolean,
): PlanAtStripeWords {
  if (!known)
    return isEnabled
      ? {
          word: 'On its way',
          tone: 'warn',
          about: 'Stripe is told of it within a minute, by itself.',
          canTry: true,
        }
      : {
          word: 'Not at Stripe',
          tone: 'quiet',
          about: 'This account of Stripe never heard of it; enabling it brings it there.',
          canTry: false,
        }
  if (!isEnabled && known.closedThereAt !== undefined)
    return {
      word: 'Archived at Stripe',
      tone: 'bad',
      about:
        'It was archived in Stripe’s own dashboard, so it is disabled here: nobody new can subscribe. Enable it to offer it again.',
      canTry: false,
    }
  if (known.problem !== undefined)
    return {
      word: known.isThere ? 'Behind' : 'Not at Stripe yet',
      tone: 'bad',
      about: `${
        known.isThere ? 'Stripe does not know the latest change yet.' : 'Nobody can subscribe yet.'
      } It said: ${asSentence(known.problem)} The shop tries again by itself.`,
      canTry: true,
    }
  if (known.isDue)
    return {
      word: known.isThere ? 'Being brought up to date' : 'On its way',
      tone: 'warn',
      about: 'Stripe is told of it within a minute, by itself.',
      canTry: true,
    }
  return { word: 'In step', tone: 'good', about: undefined, canTry: false }
}

const asSentence = (text: string) => (/[.!?]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`)
