export type SectionName = 'app' | 'passkeys' | 'codes' | 'proof'

interface Done {
  readonly section: SectionName
  readonly words: string
}

/** What a section says after something worked there (`?done=`). */
export const doneWords = {
  'has-app': { section: 'app', words: 'An app is set up already. Remove it to set up another.' },
  'no-app': { section: 'app', words: 'The app no longer opens your account.' },
  passkey: { section: 'passkeys', words: 'Your passkey is saved. You can sign in with it.' },
  'passkey-name': { section: 'passkeys', words: 'Its new name is saved.' },
  'no-passkey': { section: 'passkeys', words: 'The passkey no longer opens your account.' },
  'no-codes': { section: 'codes', words: 'Set up an app or a passkey first.' },
  asks: { section: 'proof', words: 'We ask for a proof before refunds and prices.' },
  'asks-not': { section: 'proof', words: 'Refunds and prices go without a proof from now on.' },
} as const satisfies Record<string, Done>

/** For whatever stands in the address; undefined for what is none of ours. */
export function doneOf(what: string | null): Done | undefined {
  return Object.entries(doneWords).find(([name]) => name === what)?.[1]
}
