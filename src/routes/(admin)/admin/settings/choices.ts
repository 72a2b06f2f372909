/** Languages in which dates and money are written; the shop's own words stay those of the owner. */
const locales = [
  'en',
  'en-GB',
  'en-US',
  'bg',
  'cs',
  'da',
  'de',
  'de-AT',
  'de-CH',
  'el',
  'es',
  'es-MX',
  'et',
  'fi',
  'fr',
  'fr-CA',
  'fr-CH',
  'ga',
  'hr',
  'hu',
  'is',
  'it',
  'ja',
  'ko',
  'lt',
  'lv',
  'nb',
  'nl',
  'nl-BE',
  'pl',
  'pt',
  'pt-BR',
  'ro',
  'sk',
  'sl',
  'sv',
  'tr',
  'uk',
  'zh-Hans',
  'zh-Hant',
]

/** Currencies that cards are charged in most; one that is set already is added where it is missing. */
const currencies = [
  'EUR',
  'USD',
  'GBP',
  'CHF',
  'AED',
  'AUD',
  'BRL',
  'CAD',
  'CZK',
  'DKK',
  'HKD',
  'HUF',
  'IDR',
  'ILS',
  'INR',
  'ISK',
  'JPY',
  'KRW',
  'MXN',
  'MYR',
  'NOK',
  'NZD',
  'PHP',
  'PLN',
  'RON',
  'SEK',
  'SGD',
  'THB',
  'TRY',
  'TWD',
  'ZAR',
]

interface Choice {
  readonly value: string
  readonly label: string
}

const languageNames = new Intl.DisplayNames('en', { type: 'language' })
const currencyNames = new Intl.DisplayNames('en', { type: 'currency' })

export function localeChoices(current: string): Choice[] {
  return withCurrent(locales, current).map((value) => ({
    value,
    label: languageNames.of(value) ?? value,
  }))
}

export function currencyChoices(current: string): Choice[] {
  return withCurrent(currencies, current).map((value) => ({
    value,
    label: `${value} · ${currencyNames.of(value) ?? value}`,
  }))
}

export function zoneChoices(current: string): Choice[] {
  return withCurrent(['UTC', ...Intl.supportedValuesOf('timeZone')], current).map((value) => ({
    value,
    label: value.replaceAll('_', ' '),
  }))
}

function withCurrent(values: readonly string[], current: string): readonly string[] {
  return values.includes(current) ? values : [current, ...values]
}
