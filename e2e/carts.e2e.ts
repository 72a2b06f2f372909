import type { Page } from '@playwright/test'
import { cookieOf } from './people.ts'
import { payOnSandbox } from './hosted-page.ts'
import { ask, form } from './raw-request.ts'
import { expect, test, type Shop } from './shop.ts'
import { fetchFile, isDelivered, says, signInByCode } from './visits.ts'

test.use({ ownShop: 'with coupons and questions' })

/** Makes a coupon as the owner does, past the page; gives its code. */
async function coupon(
  owner: Page,
  shop: Shop,
  fields: Readonly<Record<string, string>>,
): Promise<string> {
  const answer = await ask(
    shop.port,
    form(
      shop.port,
      '/admin/coupons/new',
      { takesOff: 'percent', percent: '50', covers: 'all', ...fields },
      { cookie: await cookieOf(owner) },
    ),
  )
  expect(answer.status, answer.text.slice(0, 300)).toBe(303)
  return fields['code'] ?? ''
}

/** Not the one that a gift goes to. */
const emailOf = (page: Page) => page.getByRole('textbox', { name: 'E-mail', exact: true })

async function putIntoCart(page: Page, title: string): Promise<void> {
  await page.goto('/')
  await page.getByRole('link', { name: title }).first().click()
  await page.getByRole('button', { name: 'Add to cart' }).click()
  await page.waitForURL('**/cart')
  await expect(page.getByRole('heading', { level: 2, name: title })).toBeVisible()
}

async function useCode(page: Page, code: string): Promise<void> {
  if (!(await page.getByLabel('Code').isVisible())) await page.getByText('Have a code?').click()
  await page.getByLabel('Code').fill(code)
  await page.getByRole('button', { name: 'Use it' }).click()
}

for (const javaScriptEnabled of [true, false]) {
  test(`three things and a coupon are bought in one go, ${javaScriptEnabled ? 'with' : 'without'} script`, async ({
    shop,
    stranger,
    mailbox,
  }) => {
    const email = `three-${javaScriptEnabled}@example.com`
    const buyer = await stranger({ javaScriptEnabled })
    for (const title of ['The Desk Set', 'The Brief Sheet', 'Quiet Lines'])
      await putIntoCart(buyer, title)
    await expect(buyer.getByText('The Wednesday Planner, Tidemarks')).toBeVisible()
    await useCode(buyer, ' welcome ')
    await says(buyer, 'WELCOME')
    // 22 + 4 + 6, a tenth off.
    await expect(buyer.getByRole('region', { name: 'What it costs' })).toContainText('€28.80')
    await emailOf(buyer).fill(email)
    await buyer.getByRole('button', { name: 'Pay €28.80' }).click()
    await payOnSandbox(buyer, {})
    await buyer.waitForURL('**/checkout/*')
    await expect(buyer.getByRole('heading', { level: 1 })).toHaveText('Thank you. It is yours.')
    await expect(buyer.getByRole('heading', { level: 2, name: 'The Desk Set' })).toBeVisible()
    for (const title of ['The Wednesday Planner', 'Tidemarks'])
      await expect(buyer.getByRole('heading', { level: 3, name: title })).toBeVisible()
    for (const title of ['The Brief Sheet', 'Quiet Lines'])
      await expect(buyer.getByRole('heading', { level: 2, name: title })).toBeVisible()
    await says(buyer, '−€3.20')
    await fetchFile(buyer)
    const receipt = await mailbox.mail(email, /receipt/i)
    expect(receipt.text).toContain('The Desk Set: The Wednesday Planner, Tidemarks')
    expect(receipt.text).toContain('WELCOME')
    // What was bought waits in the cart no longer.
    await buyer.goto('/cart')
    await says(buyer, 'Your cart is empty')
    expect(await shop.brokenInvariants()).toEqual([])
  })
}

test('who goes back at the payment page finds the cart as it was, and nothing was charged', async ({
  stranger,
}) => {
  const buyer = await stranger()
  await putIntoCart(buyer, 'Tidemarks')
  await putIntoCart(buyer, 'The Brief Sheet')
  await buyer.getByRole('button', { name: 'Pay €13.00' }).click()
  await buyer.waitForURL('**/sandbox/c/pay/**')
  await buyer.getByRole('link', { name: 'Back' }).click()
  await buyer.waitForURL('**/cart?notice=not-bought')
  await says(buyer, 'Nothing was charged.')
  await expect(buyer.getByRole('heading', { level: 2 })).toHaveText([
    'Tidemarks',
    'The Brief Sheet',
  ])
})

test('something free is got without a card: a guest says where to, a member need not; it is there at once', async ({
  shop,
  stranger,
  mailbox,
}) => {
  const guest = await stranger({ javaScriptEnabled: false })
  await guest.goto('/p/one-wednesday')
  await says(guest, 'Nothing to pay, no card needed')
  await guest.getByRole('button', { name: 'Get it free' }).first().click()
  await guest.waitForURL('**/cart')
  await guest.getByRole('button', { name: 'Get it' }).last().click()
  await says(guest, 'Type the e-mail address that it should go to.')
  await emailOf(guest).fill('free@example.com')
  await guest.getByRole('button', { name: 'Get it' }).last().click()
  await isDelivered(guest, 'One Wednesday')
  await fetchFile(guest)
  const receipt = await mailbox.mail('free@example.com', /receipt/i)
  expect(receipt.text).toContain('There was nothing to pay')

  const member = await stranger()
  await signInByCode(member, mailbox, 'free-member@example.com')
  await member.goto('/p/one-wednesday')
  await member.getByRole('button', { name: 'Get it free' }).first().click()
  await member.waitForURL('**/cart')
  await expect(emailOf(member)).toHaveCount(0)
  await member.getByRole('button', { name: 'Get it' }).last().click()
  await isDelivered(member, 'One Wednesday')
  await member.goto('/dashboard')
  await expect(member.getByRole('heading', { name: 'One Wednesday' })).toBeVisible()
  expect(await shop.brokenInvariants()).toEqual([])
})

test('a price that buyers choose: less than the least is refused in words and by hand, more is what they pay [commerce 31]', async ({
  stranger,
}) => {
  const buyer = await stranger()
  await buyer.goto('/p/quiet-lines')
  const amount = buyer.getByLabel('You pay')
  await expect(amount).toHaveValue('6.00')
  for (const [typed, words] of [
    ['2.99', 'It starts at €3. Type that or more.'],
    ['0', 'It starts at €3. Type that or more.'],
    ['1,234', 'This could be read in two ways.'],
    ['much', 'Type a price in digits'],
  ] as const) {
    await amount.fill(typed)
    await buyer.getByRole('button', { name: 'Buy', exact: true }).first().click()
    await says(buyer, words)
    await expect(amount).toHaveValue(typed)
  }
  await amount.fill('12.50')
  await buyer.getByRole('button', { name: 'Buy', exact: true }).first().click()
  await buyer.waitForURL('**/sandbox/c/pay/**')
  await says(buyer, '€12.50')
})

test('a code that does not come off says why: over, not begun, other products, too little, none at all [commerce 30]', async ({
  shop,
  owner,
  stranger,
}) => {
  await owner.goto('/admin/coupons')
  const [other] = await shop.query<{ id: string }>(
    `select id from product where slug = 'tidemarks'`,
  )
  await coupon(owner, shop, { code: 'OVER', until: '2020-12-24' })
  await coupon(owner, shop, { code: 'LATER', from: '2090-01-02' })
  await coupon(owner, shop, { code: 'MARKS', covers: 'chosen', products: other?.id ?? '' })
  await coupon(owner, shop, { code: 'LOTS', minimum: '50' })
  await coupon(owner, shop, { code: 'DEEP', takesOff: 'amount', amount: '100' })
  const buyer = await stranger()
  await putIntoCart(buyer, 'The Brief Sheet')
  for (const [code, words] of [
    ['OVER', 'This code could be used until December 24, 2020.'],
    ['LATER', 'This code can be used from January 2, 2090 on.'],
    ['MARKS', 'This code is for other things than those in your cart.'],
    ['LOTS', 'This code needs at least €50.00 of what it is for; there is €4.00 in your cart.'],
    ['NO-SUCH-CODE', 'There is no such code. Check how it is spelled.'],
    ['?', 'There is no such code. Check how it is spelled.'],
  ] as const) {
    await useCode(buyer, code)
    await says(buyer, words)
    await expect(buyer.getByRole('button', { name: 'Pay €4.00' })).toBeVisible()
  }
  // Whichever button is pressed, a code that stands in its field is meant; and an amount never takes off more than there is.
  await buyer.getByLabel('Code').fill('deep')
  await buyer.getByRole('button', { name: 'Pay €4.00' }).click()
  await says(buyer, 'Your code is in. This is the new total; nothing was charged yet.')
  await expect(buyer.getByRole('region', { name: 'What it costs' })).toContainText('−€4.00')
})

test('a coupon’s link changes nothing by being opened; pressed, the code waits in the cart until something is chosen', async ({
  shop,
  owner,
  stranger,
}) => {
  await owner.goto('/admin/coupons')
  await coupon(owner, shop, { code: 'FRIENDS', mostUses: '1' })
  for (const method of ['GET', 'HEAD', 'GET']) {
    const answer = await ask(shop.port, { method, path: '/code/FRIENDS' })
    expect(answer.status).toBe(200)
    expect(answer.headers['set-cookie']).toBeUndefined()
  }
  // It says the same of a code that there is not.
  const one = await ask(shop.port, { path: '/code/FRIENDS' })
  const none = await ask(shop.port, { path: '/code/NOBODY-S' })
  expect(none.text.replaceAll('NOBODY-S', 'FRIENDS')).toBe(one.text)

  const buyer = await stranger({ javaScriptEnabled: false })
  await buyer.goto('/code/friends')
  await buyer.getByRole('button', { name: 'Use this code' }).click()
  await buyer.waitForURL('**/cart')
  await says(buyer, 'Your code is in the cart')
  await putIntoCart(buyer, 'Tidemarks')
  await expect(buyer.getByRole('button', { name: 'Pay €4.50' })).toBeVisible()
  const [use] = await shop.query(
    `select 1 from coupon_use u join coupon c on c.id = u.coupon_id where c.code = 'FRIENDS'`,
  )
  expect(use).toBeUndefined()

  const late = await stranger()
  await late.goto('/code/NOBODY-S')
  await late.getByRole('button', { name: 'Use this code' }).click()
  await says(late, 'There is no such code.')
})

test('the last use of a coupon goes to one of two who want it; the other is told before paying [commerce 28]', async ({
  shop,
  owner,
  stranger,
}) => {
  await owner.goto('/admin/coupons')
  await coupon(owner, shop, { code: 'ONCE', mostUses: '1' })
  const buyers = [await stranger(), await stranger()]
  for (const buyer of buyers) {
    await putIntoCart(buyer, 'Tidemarks')
    await useCode(buyer, 'ONCE')
  }
  const [first, second] = buyers
  if (!first || !second) throw new Error('two buyers')
  await first.getByRole('button', { name: 'Pay €4.50' }).click()
  await first.waitForURL('**/sandbox/c/pay/**')
  await second.getByRole('button', { name: 'Pay €4.50' }).click()
  await says(second, 'This code has been used as often as it may be.')
  await payOnSandbox(first, { email: 'once@example.com' })
  await isDelivered(first, 'Tidemarks')

  await owner.goto('/admin/coupons')
  await owner.getByRole('link', { name: 'ONCE' }).click()
  await expect(owner.getByRole('row', { name: /once@example\.com/ })).toContainText('€4.50')
  await says(owner, 'Used up')
})

test('two tabs of one browser share the cart: what one takes out, the other cannot buy unseen', async ({
  stranger,
}) => {
  const one = await stranger()
  await putIntoCart(one, 'Tidemarks')
  await putIntoCart(one, 'The Brief Sheet')
  const two = await one.context().newPage()
  await two.goto('/cart')
  await two.getByRole('button', { name: /^Take out.*The Brief Sheet/ }).click()
  await expect(two.getByRole('button', { name: 'Pay €9.00' })).toBeVisible()
  await one.getByRole('button', { name: 'Pay €13.00' }).click()
  await says(one, 'Something about your cart has changed since you looked.')
  await one.getByRole('button', { name: 'Pay €9.00' }).click()
  await one.waitForURL('**/sandbox/c/pay/**')
})

test('the owner asks questions; a missing answer is told at its field, what was typed stays, and the answers stand on the order', async ({
  shop,
  owner,
  stranger,
}) => {
  const [product] = await shop.query<{ id: string }>(
    `select id from product where slug = 'the-brief-sheet'`,
  )
  await owner.goto(`/admin/products/${product?.id}`)
  await owner.waitForLoadState('networkidle')
  const selling = owner.getByRole('region', { name: 'How it is bought' })
  const adding = selling.locator('details', {
    has: owner.getByText('Add a question', { exact: true }),
  })
  const add = async (question: string, kind: string, choices = '') => {
    await adding.locator('summary').click()
    await adding.getByLabel('Question').fill(question)
    await adding.getByLabel('Answered with').selectOption({ label: kind })
    if (choices) await adding.getByLabel('Choices').fill(choices)
    await adding.getByRole('button', { name: 'Add', exact: true }).click()
    await expect(selling.locator('.question', { hasText: question })).toBeVisible()
    await adding.locator('summary').click()
  }
  await add('What is the job called?', 'A line of text')
  await add('Paper?', 'One of several choices', 'A4\nLetter')
  await selling.getByRole('button', { name: 'Move Paper? up' }).click()
  await expect(selling.locator('.question')).toHaveText(['Paper?', 'What is the job called?'])

  const buyer = await stranger()
  await buyer.goto('/p/the-brief-sheet')
  await buyer.getByRole('button', { name: 'Buy for €4' }).first().click()
  await buyer.waitForURL('**/cart')
  await buyer.getByLabel('What is the job called?').fill('A sign for the harbour')
  await buyer.getByRole('button', { name: 'Pay €4.00' }).click()
  await says(buyer, 'Please choose one.')
  await expect(buyer.getByLabel('What is the job called?')).toHaveValue('A sign for the harbour')
  await buyer.getByLabel('Paper?').selectOption('Letter')
  await buyer.getByRole('button', { name: 'Pay €4.00' }).click()
  await payOnSandbox(buyer, { email: 'asked@example.com' })
  await isDelivered(buyer, 'The Brief Sheet')
  expect(
    await shop.query(
      `select a.question, a.answer from checkout_answer a join shop_order o on o.checkout_id = a.checkout_id
       where o.email = 'asked@example.com' order by a.answer`,
    ),
  ).toEqual([
    { question: 'What is the job called?', answer: 'A sign for the harbour' },
    { question: 'Paper?', answer: 'Letter' },
  ])
  for (const question of ['Paper?', 'What is the job called?']) {
    const item = selling.locator('details', {
      has: owner.locator('.question', { hasText: question }),
    })
    await item.locator('summary').click()
    await item.getByRole('button', { name: 'Take it out' }).first().click()
    await owner.getByRole('dialog').getByRole('button', { name: 'Take it out' }).click()
    await says(owner, 'Removed.')
  }
})
