const cardBrands: Readonly<Record<string, string>> = {
  visa: 'Visa',
  mastercard: 'Mastercard',
  amex: 'American Express',
  diners: 'Diners Club',
  discover: 'Discover',
  jcb: 'JCB',
  unionpay: 'UnionPay',
  cartes_bancaires: 'Cartes Bancaires',
}

const methods: Readonly<Record<string, string>> = {
  card: 'Card',
  sepa_debit: 'SEPA direct debit',
  us_bank_account: 'Bank account',
  bacs_debit: 'Bacs direct debit',
  acss_debit: 'Pre-authorised debit',
  au_becs_debit: 'BECS direct debit',
  klarna: 'Klarna',
  paypal: 'PayPal',
  ideal: 'iDEAL',
  link: 'Link',
}

/**
 * How a payment was made, for people: "Visa ending in 4242". method: Stripe's word for the kind of payment method; detail:
 * a card's brand and last digits. Words this program does not know are told as they are, readable.
 */
export function methodWords(method: string | undefined, detail: string | undefined): string {
  const card = /^(\S+) (\d{4})$/.exec(detail ?? '')
  if (card?.[1] && card[2]) return `${cardBrands[card[1]] ?? plain(card[1])} ending in ${card[2]}`
  if (method === undefined) return 'Not told'
  return methods[method] ?? plain(method)
}

function plain(word: string): string {
  const words = word.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
