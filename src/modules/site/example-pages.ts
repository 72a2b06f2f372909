import type { SiteInput, SitePageInput } from './schemas.ts'

/** The example studio: what a newcomer's shop is called until they say otherwise. */
export const exampleSite: SiteInput = {
  name: 'Low Tide Studio',
  sentence: 'Small, careful tools for people who plan, write and draw for a living.',
  aboutMd:
    'Low Tide is a studio of one. Everything here began as something I needed for my own desk: a way to plan a week ' +
    'that survives Wednesday, a set of marks that print well, a sheet that turns a vague commission into a clear one.\n\n' +
    'I make few things and keep them up to date. What you buy is yours, new versions included, and if something ' +
    'does not work for you, write to me and I will make it right.',
  ownerName: 'Low Tide Studio',
  contactEmail: undefined,
  timeZone: 'UTC',
  locale: 'en',
  currency: 'EUR',
}

const replaceMe =
  '**This is an example text.** It shows what belongs here and is not legal advice. Replace it with your own ' +
  'before you sell: Settings, Pages.\n\n'

/** Example legal pages; each says of itself that it must be replaced. */
export const examplePages: readonly (SitePageInput & { readonly slug: string })[] = [
  {
    slug: 'terms',
    title: 'Terms',
    bodyMd:
      replaceMe +
      '## Who sells\nName, postal address and e-mail address of the person behind this shop. In many countries ' +
      'the law asks for all three.\n\n' +
      '## What you buy\nA digital product for your own use and, where the product page says so, for your work for ' +
      'clients. You may not pass the files themselves on or sell them again.\n\n' +
      '## Prices and payment\nPrices include the tax named beside them. Card data is entered at Stripe and never ' +
      'reaches this shop.\n\n' +
      '## Delivery\nDownloads are yours at once, on the page after payment, in the mail with your receipt and in ' +
      'your account, for as long as this shop exists.\n',
  },
  {
    slug: 'privacy',
    title: 'Privacy',
    bodyMd:
      replaceMe +
      '## What is kept\nYour e-mail address, what you bought and when you downloaded it: as long as tax law asks ' +
      'for the receipts. An account adds a name, a picture if you choose one, and the devices you are signed in on.\n\n' +
      '## What is not\nNo tracking, no advertising, no scripts or fonts from other companies. One cookie, and only ' +
      'when you sign in.\n\n' +
      '## Who else sees it\nStripe takes the payment and keeps what payment law asks of it. A mail server delivers ' +
      'your receipts.\n\n' +
      '## Your rights\nAsk at any time what is kept about you, have it corrected, or have it erased where no law ' +
      'asks for it to be kept.\n',
  },
  {
    slug: 'refunds',
    title: 'Refunds',
    bodyMd:
      replaceMe +
      '## Thirty days\nIf a product does not do for you what its page promised, write within thirty days and you ' +
      'get your money back, on the card you paid with.\n\n' +
      '## What happens to the files\nWith the refund your access to the product ends. Other things you bought ' +
      'stay yours.\n\n' +
      '## How long it takes\nThe refund is made within two working days. Banks take up to ten more to show it.\n',
  },
  {
    slug: 'imprint',
    title: 'Imprint',
    bodyMd:
      replaceMe +
      'Name or company\nStreet and number\nPostal code, place, country\n\nE-mail address\n\n' +
      'Tax or company number, where you have one.\n',
  },
]
