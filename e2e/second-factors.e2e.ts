import type { Page } from '@playwright/test'
import {
  beginApp,
  confirmApp,
  giveAuthenticator,
  ownerRecoveryLink,
  security,
  sell,
} from './people.ts'
import { ask } from './raw-request.ts'
import { expect, test, theOwner } from './shop.ts'
import { askForCode, says, signInByCode } from './visits.ts'

// What is set up here would stand in the way of every other file's owner.
test.use({ ownShop: 'second factors' })
test.describe.configure({ mode: 'serial' })

/** Sets an authenticator app up in the settings; gives it and the recovery codes. */
async function setUpApp(page: Page) {
  const app = await beginApp(page)
  await expect(page.getByRole('img', { name: /square picture/ })).toBeVisible()
  const codes = await confirmApp(page, app)
  expect(codes).toHaveLength(10)
  await page.getByRole('link', { name: 'I have kept them' }).click()
  await says(page, '10 of ten are left')
  return { app, codes }
}

/** E-mail and password on the sign-in page, with or without script. */
async function signInByPassword(page: Page, person: { email: string; password: string }) {
  await page.goto('/sign-in')
  await page.getByText('Use a password instead').click()
  const form = page.locator('form[action="?/password"]')
  await form.getByLabel('E-mail').fill(person.email)
  await form.getByLabel('Password').fill(person.password)
  await form.getByRole('button', { name: 'Sign in with password' }).click()
}

async function useRecoveryCode(page: Page, code: string | undefined) {
  await page.getByText('Use a recovery code').click()
  const form = page.locator('form', { has: page.getByLabel('Recovery code') })
  await form.getByLabel('Recovery code').fill(code ?? '')
  await form.getByRole('button').click()
}

let owners: Awaited<ReturnType<typeof setUpApp>>

test('[commerce 79] the owner is nudged once, sets an app up, and signs in in two steps', async ({
  owner,
  stranger,
}) => {
  await owner.goto('/admin/orders')
  await says(owner, 'Your password alone opens this shop and its money.')
  await owner.getByRole('link', { name: 'Protect your account' }).click()
  owners = await setUpApp(owner)
  await owner.goto('/admin/orders')
  await expect(owner.getByText('Your password alone opens')).toHaveCount(0)

  const page = await stranger()
  await signInByPassword(page, theOwner)
  await page.waitForURL('**/sign-in/second-step')
  // Half in opens nothing.
  await page.goto('/admin/orders')
  expect(new URL(page.url()).pathname).toBe('/sign-in')
  await page.goto('/sign-in/second-step')
  await page.getByLabel('Code from your app').fill(owners.app.wrongCode())
  await page.getByRole('button', { name: 'Sign in' }).click()
  await says(page, /not right, or not right any more. You have 4 more tries/)
  await page.getByLabel('Code from your app').fill(await owners.app.code())
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL('**/admin/**')
})

test('[commerce 79] a refund asks for a proof that is ten minutes old, and goes on with what was typed', async ({
  shop,
  owner,
}) => {
  const { orderId } = await sell(shop, 'refunded@example.com')
  await shop.advance('11m')
  await owner.goto(`/admin/orders/${orderId}/refund`)
  await owner.waitForURL('**/sign-in/confirm?for=refund&next=*')
  await says(owner, /Money is about to go back/)
  await useRecoveryCode(owner, owners.codes[0])
  await owner.waitForURL(`**/admin/orders/${orderId}/refund`)
  // Somebody comes to the door, and the proof grows old.
  await owner.getByLabel('Reason').fill('Bought twice by mistake')
  await shop.advance('11m')
  await owner.getByRole('button', { name: /^Refund €/ }).click()
  await owner.waitForURL('**/sign-in/confirm?form=*')
  await useRecoveryCode(owner, owners.codes[1])
  await owner.waitForURL(`**/admin/orders/${orderId}?notice=refunded`)
  const [refund] = await shop.query<{ reason: string; actor: string }>(
    `select r.reason, a.actor_kind as actor from refund r
     join audit_entry a on a.action like '%refund%' order by a.id desc limit 1`,
  )
  expect(refund).toEqual({ reason: 'Bought twice by mistake', actor: 'owner' })
})

test('[commerce 79] a price asks, too, also without script; the amount is not lost', async ({
  shop,
  stranger,
}) => {
  const [product] = await shop.query<{ id: string }>(
    `select id from product where slug = 'tidemarks'`,
  )
  await shop.advance('11m')
  const plain = await stranger({ javaScriptEnabled: false })
  await signInByPassword(plain, theOwner)
  await plain.waitForURL('**/sign-in/second-step')
  await useRecoveryCode(plain, owners.codes[2])
  await plain.waitForURL('**/admin/**')
  await shop.advance('11m')
  await plain.goto(`/admin/products/${product?.id}`)
  const form = plain.locator('form[action="?/price"]')
  await form.getByLabel('Price', { exact: true }).fill('31.50')
  await form.getByRole('button', { name: 'Set the price' }).click()
  await plain.waitForURL('**/sign-in/confirm?form=*')
  await says(plain, /A price is about to be set/)
  await useRecoveryCode(plain, owners.codes[3])
  await plain.getByRole('button', { name: 'Go on' }).click()
  await plain.getByRole('button', { name: 'Change the price' }).click()
  await plain.waitForURL(`**/admin/products/${product?.id}?done=price.saved**`)
  const [price] = await shop.query<{ amount: string }>(
    `select amount_minor::text as amount from price where product_id = $1 and is_active`,
    [product?.id],
  )
  expect(price?.amount).toBe('3150')
})

test('a passkey is added, signs in without an address, and is the second step', async ({
  stranger,
  mailbox,
}) => {
  const page = await stranger()
  await giveAuthenticator(page)
  const email = 'keys@example.com'
  await signInByCode(page, mailbox, email)
  await page.goto(security)
  await page.getByLabel('Name of the new passkey').fill('Laptop')
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await expect(page.locator('#codes ol li')).toHaveCount(10)
  await page.getByRole('link', { name: 'I have kept them' }).click()
  await says(page, 'Laptop')

  await page.getByRole('button', { name: 'Sign out' }).first().click()
  await page.waitForURL((url) => url.pathname === '/')
  await page.goto('/sign-in?next=%2Fdashboard%2Freceipts')
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await page.waitForURL('**/dashboard/receipts')

  await page.getByRole('button', { name: 'Sign out' }).first().click()
  await page.waitForURL((url) => url.pathname === '/')
  await askForCode(page, email)
  const { code } = await mailbox.mail(email, /sign-in code/i)
  await page.getByLabel('Code').fill(code ?? '')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL('**/sign-in/second-step')
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await page.waitForURL('**/dashboard')

  await page.goto(security)
  await page.getByRole('button', { name: 'Remove', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove it' }).click()
  await says(page, 'The passkey no longer opens your account.')
  await mailbox.mail(email, /protection of your account was taken away/)
})

test('a device without a passkey of ours is told so in words', async ({ stranger }) => {
  const page = await stranger()
  await giveAuthenticator(page)
  await page.goto('/sign-in')
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await expect(page.getByRole('alert')).toHaveText(/No passkey was given/)
})

test('"this was not me": the link of the mail does nothing when it is opened, and signs everybody out when it is pressed', async ({
  shop,
  stranger,
  mailbox,
}) => {
  const email = 'careful@example.com'
  const mine = await stranger()
  await signInByCode(mine, mailbox, email)
  const thief = await stranger()
  await signInByCode(thief, mailbox, email)
  const mail = await mailbox.mail(email, /New sign-in/)
  const link = mail.links.find((one) => one.includes('/sign-in/not-me/')) ?? ''
  for (const method of ['GET', 'HEAD', 'GET'])
    expect((await ask(shop.port, { method, path: link.replace(shop.origin, '') })).status).toBe(200)
  await thief.goto('/dashboard')
  expect(new URL(thief.url()).pathname).toBe('/dashboard')

  const anywhere = await stranger()
  await anywhere.goto(link)
  await anywhere.getByRole('button', { name: /sign everybody out/ }).click()
  await anywhere.waitForURL('**/sign-in/code?request=*')
  for (const page of [mine, thief]) {
    await page.goto('/dashboard')
    expect(new URL(page.url()).pathname).toBe('/sign-in')
  }
  const { code } = await mailbox.mail(email, /sign-in code/i)
  await anywhere.getByLabel('Code').fill(code ?? '')
  await anywhere.getByRole('button', { name: 'Sign in' }).click()
  await anywhere.waitForURL('**/dashboard/settings#password')
  expect((await anywhere.goto(link))?.status()).toBe(410)
})

test('an owner who lost everything gets back in with a link that the machine prints', async ({
  shop,
  stranger,
}) => {
  const link = ownerRecoveryLink(shop)
  const page = await stranger()
  await page.goto(link)
  await page.getByLabel('New password').fill('another lamp in july')
  await page.getByRole('button', { name: 'Let me back in' }).click()
  await page.waitForURL(`**${security}`)
  await says(page, 'You get ten of them with your first passkey or app.')
  expect((await page.goto(link))?.status()).toBe(410)
  const again = await stranger()
  await signInByPassword(again, { email: theOwner.email, password: 'another lamp in july' })
  await again.waitForURL('**/admin/**')
})
