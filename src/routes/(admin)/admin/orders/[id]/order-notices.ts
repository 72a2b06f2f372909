interface Words {
  readonly tone: 'good' | 'warn' | 'bad' | 'info'
  readonly title: string
  readonly words: string
}

/** What an act on the order came to, told on the page that follows it. The word stands in the address. */
const notices = {
  refunded: {
    tone: 'good',
    title: 'The money is on its way back',
    words: 'Stripe has taken the refund, and what was bought no longer opens.',
  },
  'refund-later': {
    tone: 'warn',
    title: 'The refund is noted',
    words:
      'Stripe could not be reached just now. The refund will be sent as soon as Stripe answers; until then everything still opens.',
  },
  'refund-failed': {
    tone: 'bad',
    title: 'Stripe refused the refund',
    words: 'No money moved, and everything still opens. The reason stands below, with the payment.',
  },
  'refund-under-way': {
    tone: 'info',
    title: 'A refund is under way already',
    words: 'Nothing was done twice.',
  },
  'refund-nothing-left': {
    tone: 'info',
    title: 'There is nothing left to refund',
    words: 'All the money of this order has gone back.',
  },
  'dispute-sent': {
    tone: 'good',
    title: 'The bank has your answer',
    words: 'You are told as soon as it has decided, usually within two to three months.',
  },
  'dispute-later': {
    tone: 'warn',
    title: 'Your answer is noted',
    words: 'Stripe could not be reached just now. It goes out as soon as Stripe answers.',
  },
  'dispute-refused': {
    tone: 'bad',
    title: 'Stripe did not take the answer',
    words: 'The reason stands with the dispute. You may answer once more.',
  },
  'dispute-answered': {
    tone: 'info',
    title: 'The dispute was answered already',
    words: 'Banks take one answer. Nothing was sent twice.',
  },
  'dispute-over': {
    tone: 'info',
    title: 'The bank does not wait for an answer any more',
    words: 'How the dispute stands is shown below.',
  },
  'dispute-elsewhere': {
    tone: 'warn',
    title: 'This was paid at another Stripe account',
    words: 'Answer it there, or set the keys of that time.',
  },
  moved: {
    tone: 'good',
    title: 'The order was moved',
    words: 'It opens for the new address, no longer for the old one, and both were told.',
  },
  assigned: {
    tone: 'good',
    title: 'Assigned',
    words: 'What that part of the order gave now follows the refund.',
  },
  'assign-done': {
    tone: 'info',
    title: 'Nothing to assign',
    words: 'This refund belongs to a part of the order already, or its money came back.',
  },
  'assign-too-much': {
    tone: 'warn',
    title: 'It is more than that part cost',
    words: 'Choose another part of the order. Nothing was changed.',
  },
  'assign-unknown': {
    tone: 'warn',
    title: 'Not assigned',
    words: 'There is no such refund or part of the order.',
  },
  'activation-ended': {
    tone: 'good',
    title: 'The seat is free again',
    words:
      'The software there is refused from its next question on. The key itself is as good as before.',
  },
  'activation-gone': {
    tone: 'info',
    title: 'Nothing to end',
    words: 'This seat was given back already.',
  },
  'receipt-sent': {
    tone: 'good',
    title: 'The receipt is on its way',
    words: 'A fresh copy goes to the address on the order.',
  },
} as const satisfies Readonly<Record<string, Words>>

export type OrderNotice = keyof typeof notices

/** undefined for words nobody here wrote. */
export function orderNotice(word: string | null): Words | undefined {
  return word !== null && Object.hasOwn(notices, word) ? notices[word as OrderNotice] : undefined // own, so it is one of them
}
