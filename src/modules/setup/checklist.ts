/** What is so in the shop, as far as the checklist asks. */
export interface SetupFacts {
  readonly isNamed: boolean
  readonly hasOwnProduct: boolean
  readonly hasTestSale: boolean
  readonly hasExamples: boolean
  readonly hasKeys: boolean
  readonly isLive: boolean
  readonly hasMailServer: boolean
  readonly isMailTested: boolean
  readonly hasSecondFactor: boolean
}

export interface ChecklistItem {
  readonly name: string
  readonly title: string
  readonly words: string
  readonly href: string
  readonly isDone: boolean
}

/** What is left to do until the shop is the owner's own; ticked by what is so, not by what was clicked. Pure. */
export function checklist(facts: SetupFacts): readonly ChecklistItem[] {
  return [
    {
      name: 'shop',
      title: 'Name and look',
      words: 'What the shop is called, its colour, its look.',
      href: '/admin/setup?step=shop',
      isDone: facts.isNamed,
    },
    {
      name: 'product',
      title: 'Something of yours to sell',
      words: 'A download of your own, with a price, in the shop.',
      href: '/admin/setup?step=product',
      isDone: facts.hasOwnProduct,
    },
    {
      name: 'sale',
      title: 'Buy it yourself',
      words: 'With play money: see what your buyers see, mail and all.',
      href: '/',
      isDone: facts.hasTestSale,
    },
    {
      name: 'payments',
      title: 'Your Stripe account',
      words: 'The secret key, checked; then going live.',
      href: facts.hasKeys && !facts.isLive ? '/admin/settings/live' : '/admin/setup?step=payments',
      isDone: facts.isLive,
    },
    {
      name: 'mail',
      title: 'Mail that arrives',
      words: 'A mail server, and a test that reached you.',
      href: '/admin/setup?step=mail',
      isDone: facts.hasMailServer && facts.isMailTested,
    },
    {
      name: 'factor',
      title: 'Protect your account',
      words: 'An authenticator app or a passkey before money moves.',
      href: '/dashboard/settings/security',
      isDone: facts.hasSecondFactor,
    },
  ]
}
