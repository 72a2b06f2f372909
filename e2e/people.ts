import { spawnSync } from 'node:child_process'
import path from 'node:path'
import process from 'node:process'
import type { Page } from '@playwright/test'
import { AuthenticatorApp } from '../test/authenticator-app.ts'
import { until } from '../test/until.ts'
import type { Mailbox } from './mailbox.ts'
import type { Shop } from './shop.ts'
import { signInByCode } from './visits.ts'

/** Somebody with an account and one purchase, as far as another one might want to get at them. */
export interface Customer {
  readonly email: string
  readonly cookie: string
  readonly page: Page
  readonly checkoutId: string
  readonly sessionId: string
  readonly orderId: string
  readonly entitlementId: string
  readonly versionId: string
}

/** Buys the first product of the shop without its pages, then signs in with them. */
export async function customer(
  shop: Shop,
  page: Page,
  mailbox: Mailbox,
  email: string,
): Promise<Customer> {
  const sold = await sell(shop, email)
  await signInByCode(page, mailbox, email)
  return { ...sold, email, page, cookie: await cookieOf(page) }
}

/** Where members protect their account. */
export const security = '/dashboard/settings/security'

/** Opens the page that shows the key of a new authenticator app; gives the app. */
export async function beginApp(page: Page): Promise<AuthenticatorApp> {
  await page.goto(security)
  await page.getByRole('button', { name: 'Set up an app' }).click()
  await page.waitForURL(`**${security}/app`)
  return new AuthenticatorApp((await page.locator('.key code').textContent()) ?? '')
}

/** Confirms the app; ends where the recovery codes are shown, and gives them. */
export async function confirmApp(page: Page, app: AuthenticatorApp): Promise<string[]> {
  await page.getByLabel('Code from your app').fill(await app.code())
  await page.getByRole('button', { name: 'Turn it on' }).click()
  await page.getByRole('heading', { level: 1, name: 'Your app is set up' }).waitFor()
  return page.locator('ol li').allTextContents()
}

/** A device with a finger on it, in the browser of a page. */
export async function giveAuthenticator(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
}

/** The link that `npm run owner-recovery` prints on the shop's machine. */
export function ownerRecoveryLink(shop: Shop): string {
  const run = spawnSync(process.execPath, ['scripts/owner-recovery.ts'], {
    cwd: path.resolve(import.meta.dirname, '..'),
    encoding: 'utf8',
    env: { ...process.env, PORT: String(shop.port), DATA_DIR: shop.dataDir },
  })
  const link = /https?:\/\/\S+\/sign-in\/recover\/\S+/.exec(run.stdout)?.[0]
  if (run.status !== 0 || !link) throw new Error(`No link was printed: ${run.stdout}${run.stderr}`)
  return link
}

/** The Cookie header that a page's browser would send. */
export async function cookieOf(page: Page): Promise<string> {
  const cookies = await page.context().cookies()
  return cookies.map((cookie) => `${cookie.name}=${cookie.value}`).join('; ')
}

/** A purchase of the shop's first product as a fact: pressed, paid at the sandbox, delivered. */
export async function sell(shop: Shop, email: string) {
  const pressed = await shop.buy()
  if (pressed !== 303) throw new Error(`The purchase did not begin: ${pressed}`)
  const checkout = await shop.newestCheckout()
  await shop.control('POST', 'pay', { session: checkout?.stripe_session_id, email })
  const row = await until('it is delivered', async () => {
    const [found] = await shop.query<{
      order_id: string
      entitlement_id: string
      version_id: string
    }>(
      `select o.id as order_id, e.id as entitlement_id, v.id as version_id
       from shop_order o join order_line l on l.order_id = o.id
       join entitlement e on e.source_id = l.id
       join download_item i on i.product_id = l.product_id
       join download_version v on v.item_id = i.id
       where o.checkout_id = $1 limit 1`,
      [checkout?.id],
    )
    return found
  }).catch(async (error: unknown) => {
    const heard = await shop.query(
      `select type, state, source, attempts, outcome from stripe_event order by created_at_stripe desc limit 8`,
    )
    throw new Error(`${String(error)} Heard of Stripe: ${JSON.stringify(heard)}`)
  })
  return {
    checkoutId: checkout?.id ?? '',
    sessionId: checkout?.stripe_session_id ?? '',
    orderId: row.order_id,
    entitlementId: row.entitlement_id,
    versionId: row.version_id,
  }
}
