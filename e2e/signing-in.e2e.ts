import { payOnSandbox } from './hosted-page.ts'
import { sell } from './people.ts'
import { ask } from './raw-request.ts'
import { expect, test, theOwner } from './shop.ts'
import { askForCode, isDelivered, pressBuy, says, signInByCode } from './visits.ts'

test('the set-up link works once, and is nobody’s after that', async ({
  shop,
  owner,
  stranger,
}) => {
  await owner.goto('/admin/orders')
  await expect(owner.getByRole('heading', { level: 1 })).toHaveText('Orders')
  const second = await stranger()
  const answer = await second.goto(shop.setupLink)
  expect(answer?.status()).toBe(410)
  await says(second, /This set-up link was used/)
  await expect(second.getByLabel('Password')).toHaveCount(0)
  const wrong = await second.goto(`/setup/${'A'.repeat(43)}`)
  expect(wrong?.status()).toBe(404)
})

test('a scanner that opens the link of the mail twice uses nothing up: the link still signs in, and so does the code [commerce 24]', async ({
  shop,
  stranger,
  mailbox,
}) => {
  const page = await stranger()
  await askForCode(page, 'scanned@example.com')
  const mail = await mailbox.mail('scanned@example.com', /code/i)
  const link = mail.links.find((one) => one.includes('/sign-in/code')) ?? ''
  const path = link.replace(shop.origin, '')
  for (const method of ['GET', 'HEAD', 'GET', 'HEAD'])
    expect((await ask(shop.port, { method, path })).status).toBe(200)
  const human = await stranger()
  await human.goto(link)
  await expect(human.getByLabel('Code')).toHaveValue(mail.code ?? 'no code')
  await human.getByRole('button', { name: 'Sign in' }).click()
  await human.waitForURL('**/sign-in/welcome')
  // Used now, it is used for everybody.
  const late = await stranger()
  await late.goto(link)
  await says(late, 'This code no longer works')
})

test('wrong codes are told in words, few are allowed, and a new one can be asked for', async ({
  stranger,
  mailbox,
}) => {
  const page = await stranger()
  await askForCode(page, 'forgetful@example.com')
  const { code } = await mailbox.mail('forgetful@example.com', /code/i)
  const wrong = code === '123456' ? '654321' : '123456'
  for (let tries = 0; tries < 5; tries++) {
    await page.getByLabel('Code').fill(wrong)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect(page.locator('.error, [role=alert]').first()).toBeVisible()
  }
  await page.getByLabel('Code').fill(code ?? '')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.locator('.error, [role=alert]').first()).toBeVisible()
  expect(new URL(page.url()).pathname).toBe('/sign-in/code')
  await page.getByRole('button', { name: 'have a new code sent' }).click()
  await page.waitForURL('**/sign-in/code?request=*')
  const fresh = await mailbox.mail('forgetful@example.com', /code/i)
  await page.getByLabel('Code').fill(fresh.code ?? '')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL('**/sign-in/welcome')
})

test('who signs up sees nothing of a guest’s orders until the mailbox is proven; then all of them at once [commerce 21, 22]', async ({
  shop,
  stranger,
  mailbox,
}) => {
  const email = 'guest@example.com'
  await sell(shop, email)
  const buyer = await stranger()
  await pressBuy(buyer, 'tidemarks')
  await payOnSandbox(buyer, { email })
  await isDelivered(buyer, 'Tidemarks')

  // Typing somebody's address opens nothing.
  const thief = await stranger()
  await askForCode(thief, email)
  await thief.goto('/dashboard')
  expect(new URL(thief.url()).pathname).toBe('/sign-in')

  const guest = await stranger()
  await signInByCode(guest, mailbox, email)
  await expect(guest.getByRole('heading', { name: 'The Wednesday Planner' })).toBeVisible()
  await expect(guest.getByRole('heading', { name: 'Tidemarks' })).toBeVisible()
  await guest.goto('/dashboard/receipts')
  await expect(guest.getByRole('row', { name: /€/ })).toHaveCount(2)
})

test('the address typed in the wallet is not the member’s: the purchase lands in the member’s account [commerce 23]', async ({
  shop,
  stranger,
  mailbox,
}) => {
  const member = await stranger()
  await signInByCode(member, mailbox, 'member@example.com')
  await expect(member.getByText('Your shelf is still empty')).toBeVisible()
  await pressBuy(member, 'tidemarks')
  // The hosted page shows the member's address; a wallet (Apple Pay, Link) tells Stripe another one all the same.
  const checkout = await shop.newestCheckout()
  await shop.control('POST', 'pay', {
    session: checkout?.stripe_session_id,
    email: 'wallet@elsewhere.example',
  })
  await member.goto(`/checkout/${checkout?.id}`)
  await isDelivered(member, 'Tidemarks')
  await member.goto('/dashboard')
  await expect(member.getByRole('heading', { name: 'Tidemarks' })).toBeVisible()
  const other = await stranger()
  await signInByCode(other, mailbox, 'wallet@elsewhere.example')
  await expect(other.getByText('Your shelf is still empty')).toBeVisible()
})

test('a member pays with the address the hosted page knows already', async ({
  stranger,
  mailbox,
}) => {
  const member = await stranger()
  await signInByCode(member, mailbox, 'known@example.com')
  await pressBuy(member, 'tidemarks')
  await expect(member.getByTestId('email')).toHaveText('known@example.com')
  await payOnSandbox(member, {})
  await isDelivered(member, 'Tidemarks')
  await member.getByRole('link', { name: 'See all your purchases' }).click()
  await expect(member.getByRole('heading', { name: 'Tidemarks' })).toBeVisible()
})

test('a new address counts when its mailbox is proven; the old one is told, and receipts follow [commerce 25]', async ({
  stranger,
  mailbox,
}) => {
  const member = await stranger()
  await signInByCode(member, mailbox, 'old@example.com')
  await member.goto('/dashboard/settings')
  const section = member
    .locator('section', { has: member.getByRole('heading', { name: /mail|address/i }) })
    .first()
  await section
    .getByLabel(/new|e-mail/i)
    .first()
    .fill('new@example.com')
  await section.getByRole('button').first().click()
  await says(member, /new@example\.com/)
  const { code } = await mailbox.mail('new@example.com', /code|address/i)
  await member.getByLabel('Code').fill(code ?? '')
  await member
    .getByRole('button', { name: /confirm|change/i })
    .first()
    .click()
  await says(member, /new@example\.com/)
  await mailbox.mail('old@example.com', /address/i)
  await pressBuy(member, 'tidemarks')
  await expect(member.getByTestId('email')).toHaveText('new@example.com')
  await payOnSandbox(member, {})
  await isDelivered(member, 'Tidemarks')
  await mailbox.mail('new@example.com', /receipt/i)
})

test('pages behind the sign-in lead back to where one was going', async ({
  ownerCookies,
  stranger,
}) => {
  void ownerCookies
  const page = await stranger()
  await page.goto('/admin/payments?state=waiting')
  await page.waitForURL('**/sign-in?next=**')
  await page.waitForLoadState('networkidle') // the page takes over what is folded
  await page.getByText('Use a password instead').click()
  const form = page.locator('form[action="?/password"]')
  await form.getByLabel('E-mail').fill(theOwner.email)
  await form.getByLabel('Password').fill(theOwner.password)
  await form.getByRole('button', { name: 'Sign in with password' }).click()
  await page.waitForURL('**/admin/payments?state=waiting')
  await page.getByRole('button', { name: 'Sign out' }).first().click()
  await page.waitForURL((url) => url.pathname === '/')
  await page.goto('/admin/payments')
  await page.waitForURL('**/sign-in?next=**')
})
