import { expect, type Page } from '@playwright/test'
import type { Mailbox } from './mailbox.ts'

// What visitors do again and again, as they do it: with the pages' own fields and buttons.

/** Opens a product's page and presses its button; ends on the hosted payment page. */
export async function pressBuy(page: Page, slug: string): Promise<void> {
  await page.goto(`/p/${slug}`)
  await page
    .getByRole('button', { name: /^Buy for/ })
    .first()
    .click()
  await page.waitForURL('**/sandbox/c/pay/**')
}

/** The page after paying shows the goods. */
export async function isDelivered(page: Page, title: string | RegExp): Promise<void> {
  await page.waitForURL('**/checkout/*')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Thank you. It is yours.')
  await expect(page.getByRole('heading', { level: 2, name: title })).toBeVisible()
}

/** Fetches the first file on the page; gives the path under which the browser saved it. */
export async function fetchFile(page: Page): Promise<string> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.locator('a[href^="/downloads/"]').first().click(),
  ])
  expect(await download.failure()).toBeNull()
  return download.path()
}

/** Asks for a code on the sign-in page; ends where the code is to be typed. */
export async function askForCode(page: Page, email: string): Promise<void> {
  if (!new URL(page.url(), 'http://nowhere').pathname.startsWith('/sign-in'))
    await page.goto('/sign-in')
  await page.getByLabel('E-mail').first().fill(email)
  await page.getByRole('button', { name: 'Send me a code' }).click()
  await page.waitForURL('**/sign-in/code?request=*')
}

/**
 * Signs in with a code from the mailbox; a new member skips what the welcome page asks. Ends on the dashboard, or where the
 * page to sign in was told to lead.
 */
export async function signInByCode(
  page: Page,
  mailbox: Mailbox,
  email: string,
  landsOn: string | RegExp = '**/dashboard',
): Promise<void> {
  await askForCode(page, email)
  const { code } = await mailbox.mail(email, /code/i)
  await page.getByLabel('Code').fill(code ?? '')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in/code'))
  if (page.url().includes('/sign-in/welcome'))
    await page.getByRole('link', { name: 'Not now' }).click()
  await page.waitForURL(landsOn)
}

/** The page says this somewhere a visitor sees it. */
export async function says(page: Page, words: string | RegExp): Promise<void> {
  await expect(page.getByText(words).first()).toBeVisible()
}
