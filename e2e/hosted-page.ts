import { expect, type Page } from '@playwright/test'

export const cards = {
  pays: '4242 4242 4242 4242',
  isDeclined: '4000 0000 0000 0002',
  asksTheBank: '4000 0027 6000 3184',
  isDisputedLater: '4000 0000 0000 0259',
} as const

export interface Buyer {
  /** undefined when the page knows it already: somebody is signed in. */
  readonly email?: string
  readonly card?: string
  readonly name?: string
}

async function typeEmail(page: Page, email: string | undefined): Promise<void> {
  await page.waitForURL('**/sandbox/c/pay/**')
  const field = page.getByTestId('email')
  if (email === undefined) await expect(field).toHaveClass(/locked/)
  else await field.fill(email)
}

/** Fills the hosted payment page by hand and presses Pay; what happens then is for the caller to see. */
export async function payOnSandbox(page: Page, buyer: Buyer): Promise<void> {
  await typeEmail(page, buyer.email)
  await page.getByTestId('card-number').fill(buyer.card ?? cards.pays)
  await page.getByTestId('card-expiry').fill('12 / 40')
  await page.getByTestId('card-cvc').fill('123')
  await page.getByTestId('card-name').fill(buyer.name ?? 'Ada Winter')
  await page.getByTestId('pay').click()
}

/** Lets the buyer pay from an account that takes days, one that pays or one that fails in the end. */
export async function payByBankDebit(
  page: Page,
  buyer: { readonly email?: string; readonly account: RegExp },
): Promise<void> {
  await typeEmail(page, buyer.email)
  await page.getByTestId('bank-debit').check()
  const account = page.getByTestId('bank-account')
  const wanted = account.locator('option', { hasText: buyer.account }).first()
  await account.selectOption((await wanted.getAttribute('value')) ?? '')
  await page.getByTestId('card-name').fill('Ada Winter')
  await page.getByTestId('pay').click()
}

/** Puts another card on file, on the hosted page for cards; where that leads is for the caller to see. */
export async function saveCardOnSandbox(page: Page, card: string): Promise<void> {
  await page.waitForURL('**/sandbox/p/session/**')
  await page.getByTestId('card-number').fill(card)
  await page.getByTestId('card-expiry').fill('12 / 40')
  await page.getByTestId('card-cvc').fill('123')
  await page.getByTestId('save-card').click()
}

/** The same; ends where it leads back to. */
export async function changeCardOnSandbox(page: Page, card: string = cards.pays): Promise<void> {
  await saveCardOnSandbox(page, card)
  await page.waitForURL((url) => !url.pathname.startsWith('/sandbox/'))
}
