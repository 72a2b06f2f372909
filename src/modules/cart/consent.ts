/** What a buyer may have to agree to before paying. */
export const consentKinds = ['terms', 'immediate_delivery'] as const
export type ConsentKind = (typeof consentKinds)[number]

export interface AskedConsent {
  readonly kind: ConsentKind
  /** What stands beside the box, and is kept with the order. */
  readonly words: string
  /** Where what is agreed to can be read. */
  readonly href: string | undefined
}

/**
 * What this shop asks for. terms: the page with the terms, where there is one. Immediate delivery matters in the European
 * Union: whoever asks for digital goods at once and knows it gives up the fourteen days of withdrawal.
 * Source: Directive 2011/83/EU, Article 16 (m).
 */
export function askedConsents(shop: {
  readonly asksTerms: boolean
  readonly asksImmediateDelivery: boolean
  readonly terms: { readonly title: string; readonly href: string } | undefined
}): readonly AskedConsent[] {
  return [
    ...(shop.asksTerms
      ? [
          {
            kind: 'terms' as const,
            words: shop.terms
              ? `I agree to: ${shop.terms.title}`
              : 'I agree to the terms of this shop',
            href: shop.terms?.href,
          },
        ]
      : []),
    ...(shop.asksImmediateDelivery
      ? [
          {
            kind: 'immediate_delivery' as const,
            words:
              'I want what I buy at once, and know that I give up my right to withdraw from the purchase once it is delivered',
            href: undefined,
          },
        ]
      : []),
  ]
}

/** The field of the form that says yes to it. */
export function consentField(kind: ConsentKind): string {
  return `consent_${kind}`
}

/** Those that were not agreed to. */
export function missingConsents(
  asked: readonly AskedConsent[],
  given: (field: string) => boolean,
): readonly AskedConsent[] {
  return asked.filter((one) => !given(consentField(one.kind)))
}
