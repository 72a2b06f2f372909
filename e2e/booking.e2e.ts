import { payOnSandbox } from './hosted-page.ts'
import { aService, choosesATime, givesSessions, opensOnWeekdays } from './services.ts'
import { expect, test } from './shop.ts'
import { pressBuy, says, signInByCode } from './visits.ts'

test.use({ ownShop: 'with times', actionTimeout: 30_000 })

test.beforeAll(async ({ shop, ownerCookies }) => {
  void ownerCookies
  await opensOnWeekdays(shop)
})

test('the owner makes a service; somebody buys it, says what it is about, books, and "Book" is "Booked" until they cancel [booking 29, 30] [commerce 11, 70]', async ({
  owner,
  stranger,
  shop,
  mailbox,
}) => {
  await owner.goto('/admin/products/new')
  await owner.getByLabel('Title').fill('90-minute review')
  await owner.getByLabel('Service').check()
  await owner.getByRole('button', { name: 'Begin the draft' }).click()
  await owner.waitForURL(/\/admin\/products\/[0-9a-f-]{36}/)
  await owner.getByRole('textbox', { name: 'Price' }).pressSequentially('9000')
  await owner.getByRole('button', { name: 'Set the price' }).click()
  await says(owner, 'The price is set')
  const times = owner.getByRole('region', { name: 'Times', exact: true })
  await times.getByLabel('How long it takes').fill('90')
  await times.getByLabel('Kept free after').fill('15')
  await expect(times.getByText('keeps 10:00 to 11:45 for itself')).toBeVisible()
  await times.getByLabel('Booked at the latest').fill('a while')
  await times.getByRole('button', { name: 'Save' }).click()
  await expect(times.getByText('Type hours, such as 24 or 1.5')).toBeVisible()
  await times.getByLabel('Booked at the latest').fill('2')
  await times.getByLabel('Address, link or number').fill('https://meet.example/room')
  await times.getByRole('button', { name: 'Save' }).click()
  await says(owner, 'Saved')
  const intake = owner.getByRole('region', { name: 'What you ask when somebody books' })
  await intake.getByText('Add a question').click()
  await intake.getByLabel('Question').fill('What shall we look at?')
  await intake.getByLabel('Answered with').selectOption('Several lines of text')
  await intake.getByRole('button', { name: 'Add' }).click()
  await expect(intake.getByText('What shall we look at?', { exact: true })).toBeVisible()
  await owner.getByRole('button', { name: 'Put into the shop' }).click()
  await owner.getByRole('dialog').getByRole('button', { name: 'Put into the shop' }).click()
  await says(owner, 'It is in the shop now.')

  const buyer = await stranger()
  const email = 'books@example.com'
  await pressBuy(buyer, '90-minute-review')
  await payOnSandbox(buyer, { email })
  await buyer.waitForURL('**/checkout/*')
  await buyer.getByRole('link', { name: 'Book', exact: true }).click()
  await buyer.waitForURL('**/sign-in?*')
  await signInByCode(buyer, mailbox, email, /\/dashboard\/book\//)
  await expect(buyer.getByRole('heading', { level: 1 })).toHaveText('Book 90-minute review')

  // What must be answered is asked for in words, and what was chosen stays.
  const time = await choosesATime(buyer)
  await buyer.getByRole('button', { name: 'Book this time' }).click()
  await says(buyer, 'Please answer this.')
  await expect(buyer.getByRole('radio', { name: time })).toBeChecked()
  await buyer.getByLabel('What shall we look at?').fill('My shop’s front page.\nAnd the prices.')
  await buyer.getByRole('button', { name: 'Book this time' }).click()
  await buyer.waitForURL('**/dashboard/appointments/*')
  await says(buyer, 'It is booked.')
  await says(buyer, time)
  await says(buyer, 'And the prices.')
  await expect(buyer.getByRole('link', { name: 'https://meet.example/room' })).toBeVisible()

  await buyer.goto('/dashboard')
  await expect(buyer.getByRole('button', { name: 'Booked' })).toBeDisabled()
  await buyer.getByRole('link', { name: 'Appointments', exact: true }).click()
  await buyer.getByRole('link', { name: '90-minute review' }).click()
  await buyer.getByRole('button', { name: 'Cancel it' }).click()
  await buyer.getByRole('dialog').getByLabel('Why').fill('A cold')
  await buyer.getByRole('dialog').getByRole('button', { name: 'Cancel it' }).click()
  await says(buyer, 'It is cancelled')
  await says(buyer, 'Your session was not used')
  await buyer.getByRole('link', { name: 'Book again' }).click()
  await expect(buyer.getByLabel('What shall we look at?')).toHaveValue(/And the prices\./)
  await buyer.goto('/dashboard')
  await expect(buyer.getByRole('link', { name: 'Book 90-minute review' })).toBeVisible()
  expect(await shop.brokenInvariants()).toEqual([])
})

test('a time that one browser takes disappears from the other without a reload, and a handmade request for it is refused in words [booking 16, 17]', async ({
  stranger,
  shop,
  mailbox,
}) => {
  const { productId } = await aService(shop, 'Side by side')
  const [one, other] = [await stranger(), await stranger()]
  for (const [page, email] of [
    [one, 'one@example.com'],
    [other, 'other@example.com'],
  ] as const) {
    await signInByCode(page, mailbox, email)
    await givesSessions(shop, email, productId)
    await page.goto(`/dashboard/book/${productId}`)
  }
  const time = await choosesATime(one)
  await choosesATime(other)
  await one.getByRole('button', { name: 'Book this time' }).click()
  await says(one, 'It is booked.')
  await expect(other.getByText('was just taken')).toBeVisible()
  await expect(other.getByRole('radio', { name: time, exact: true })).toHaveCount(0)
  // Whoever asks for it all the same, past the page, is told why not.
  const [taken] = await shop.query<{ at: string }>(
    `select (extract(epoch from starts_at) * 1000)::bigint::text as at from occasion where product_id = $1`,
    [productId],
  )
  await other
    .locator('input[type=radio]')
    .first()
    .evaluate((radio, at) => {
      if (radio instanceof HTMLInputElement) radio.value = at
    }, taken?.at ?? '')
  await other.locator('.times label').first().click()
  await other.getByRole('button', { name: 'Book this time' }).click()
  await says(other, 'Somebody was faster')
  expect(await shop.brokenInvariants()).toEqual([])
})

test('moved, it keeps its place in the list and its answers; the third move is refused with a way to write [booking 45, 46]', async ({
  stranger,
  shop,
  mailbox,
}) => {
  const { productId } = await aService(shop, 'Movable', { most_moves: 2, move_cutoff: 0 })
  const page = await stranger()
  const email = 'moves@example.com'
  await signInByCode(page, mailbox, email)
  await givesSessions(shop, email, productId)
  await page.goto(`/dashboard/book/${productId}`)
  await choosesATime(page)
  await page.getByRole('button', { name: 'Book this time' }).click()
  await says(page, 'It is booked.')
  for (const _ of [1, 2]) {
    await page.getByRole('link', { name: 'Move it' }).click()
    await page.locator('button[data-date]').nth(1).click()
    await page.locator('.times label').last().click()
    await page.locator('.times label').nth(_).click()
    await page.getByRole('button', { name: 'Move it there' }).click()
    await says(page, 'It is moved.')
  }
  await expect(page.getByRole('link', { name: 'Move it' })).toHaveCount(0)
  await says(page, 'It was moved as often as it can be.')
  expect(await shop.brokenInvariants()).toEqual([])
})

test('without script: month, date and time are chosen by buttons, and what was typed stays', async ({
  stranger,
  shop,
  mailbox,
}) => {
  const { productId } = await aService(shop, 'Plain')
  const page = await stranger({ javaScriptEnabled: false })
  const email = 'plain@example.com'
  await signInByCode(page, mailbox, email)
  await givesSessions(shop, email, productId)
  await page.goto(`/dashboard/book/${productId}`)
  await page.getByRole('button', { name: 'The month after' }).click()
  const dates = page.locator('button[data-date]')
  const wanted = (await dates.nth(3).getAttribute('data-date')) ?? ''
  await dates.nth(3).click()
  await expect(page.locator(`button[data-date="${wanted}"]`)).toHaveAttribute(
    'aria-pressed',
    'true',
  )
  await page.locator('.times label').nth(2).click()
  await page.getByRole('button', { name: 'Book this time' }).click()
  await says(page, 'It is booked.')
  await page.getByRole('link', { name: 'Move it' }).click()
  await page.locator('.times label').first().click()
  await page.getByRole('button', { name: 'Move it there' }).click()
  await says(page, 'It is moved.')
})
