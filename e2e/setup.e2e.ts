import { payOnSandbox } from './hosted-page.ts'
import { expect, test } from './shop.ts'

// A name and a look of its own would surprise every other file.
test.use({ ownShop: 'set-up' })

test('from an empty machine to an own shop with a test sale: every step can be done or left for later, and the list ticks itself', async ({
  owner,
  stranger,
}) => {
  await owner.goto('/admin/orders')
  await owner.getByRole('link', { name: 'Go on with the set-up' }).click()
  await expect(owner.getByRole('heading', { name: '0 of 6 done' })).toBeVisible()

  await owner.getByLabel('Name', { exact: true }).fill('Harbour Press')
  await owner.getByLabel('Brand colour').fill('#1f5f8b')
  await owner.getByLabel('Bold').check()
  await owner.getByRole('button', { name: 'Save and go on' }).click()
  await expect(owner.getByRole('heading', { name: 'Something of yours to sell' })).toBeVisible()

  // Nothing is made before it is whole, and what was typed comes back.
  await owner.getByLabel('What is it called?').fill('Tide tables')
  await owner.getByRole('button', { name: 'Put it into the shop' }).click()
  await expect(owner.getByText('Type a price.').first()).toBeVisible()
  await expect(owner.getByText('Choose a file, or type the address').first()).toBeVisible()
  await expect(owner.getByLabel('What is it called?')).toHaveValue('Tide tables')

  await owner.getByLabel('One sentence').fill('High and low water for a year, on one sheet.')
  await owner.getByRole('textbox', { name: 'Price' }).fill('7.00')
  await owner.getByLabel('The file').setInputFiles({
    name: 'tide-tables.txt',
    mimeType: 'text/plain',
    buffer: Buffer.from('00:12 low, 06:25 high'),
  })
  await owner.getByRole('button', { name: 'Put it into the shop' }).click()
  await expect(owner.getByText('Tide tables is in your shop')).toBeVisible()

  for (const next of ['Mail that arrives', 'Your shop is open']) {
    await owner.getByRole('button', { name: 'Later' }).click()
    await expect(owner.getByRole('heading', { name: next })).toBeVisible()
  }

  const buyer = await stranger()
  const buys = async (title: string, price: string) => {
    await buyer.goto('/')
    await expect(buyer.getByRole('heading', { name: 'Harbour Press', level: 1 })).toBeVisible()
    await buyer.getByRole('link', { name: title }).first().click()
    await buyer
      .getByRole('button', { name: `Buy for ${price}` })
      .first()
      .click()
    await payOnSandbox(buyer, { email: 'ada@example.com' })
    await expect(buyer.getByRole('heading', { name: /^Order \d+$/ })).toBeVisible({
      timeout: 30_000,
    })
  }
  await buys('Tide tables', '€7')
  await expect(buyer.getByRole('link', { name: /^Download/ }).first()).toBeVisible()
  await buys('Tidemarks', '€9')

  await owner.goto('/admin/setup')
  await expect(owner.getByRole('heading', { name: '3 of 6 done' })).toBeVisible()

  // The examples go in one step, with what was played with them; what goes is told before.
  await owner.waitForLoadState('networkidle') // the page takes over its dialog
  await owner.getByRole('button', { name: 'Remove the examples' }).click()
  const dialog = owner.getByRole('dialog')
  await expect(dialog.getByText('The Wednesday Planner, Tidemarks')).toBeVisible()
  await expect(dialog.getByText('2 orders, 1 customer')).toBeVisible()
  await dialog.getByRole('button', { name: 'Remove 11 examples' }).click()
  await expect(owner.getByText('The examples are gone.')).toBeVisible({ timeout: 20_000 })
  await owner.goto('/admin/orders')
  await expect(owner.getByText('ada@example.com')).toHaveCount(0)
  await owner.goto('/admin/coupons')
  await expect(owner.getByRole('link', { name: 'WELCOME' })).toHaveCount(0)
  await buyer.goto('/')
  await expect(buyer.getByRole('link', { name: 'Tide tables' }).first()).toBeVisible()
  await expect(buyer.getByText('Tidemarks')).toHaveCount(0)

  // And the shop goes on selling.
  await buys('Tide tables', '€7')
  await owner.goto('/admin/setup')
  await owner.getByRole('button', { name: 'Do not remind me' }).click()
  await expect(owner.getByRole('link', { name: 'Go on with the set-up' })).toHaveCount(0)
})
