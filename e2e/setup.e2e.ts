import { payOnSandbox } from './hosted-page.ts'
import { expect, test } from './shop.ts'

// A name and a look of its own would surprise every other file.
test.use({ ownShop: 'set-up' })

test('from an empty machine to an own shop with a test sale: every step can be done or left for later, and the list ticks itself', async ({
  owner,
  stranger,
}) => {
  test.setTimeout(120_000)
  await owner.goto('/admin/orders')
  await owner.getByRole('link', { name: 'Go on with the set-up' }).click()
  await expect(owner.getByRole('heading', { name: '0 of 6 done' })).toBeVisible()

  await owner.getByLabel('Name', { exact: true }).fill('Harbour Press')
  await owner.getByLabel('Brand colour').fill('#1f5f8b')
  await owner.getByLabel('Bold').check()
  await owner.getByRole('button', { name: 'Save and go on' }).click()
  await expect(owner.getByRole('heading', { name: 'Something of yours to sell' })).toBeVisible()

  await owner.getByLabel('What is it called?').fill('Tide tables')
  await owner.getByRole('button', { name: 'Make it' }).click()
  await owner.waitForURL(/\/admin\/products\/[0-9a-f-]+$/)

  await owner.goto('/admin/setup')
  for (const next of ['Getting paid', 'Mail that arrives', 'Your shop is open']) {
    await owner.getByRole('button', { name: 'Later' }).click()
    await expect(owner.getByRole('heading', { name: next })).toBeVisible()
  }

  const buyer = await stranger()
  await buyer.goto('/')
  await expect(buyer.getByRole('heading', { name: 'Harbour Press', level: 1 })).toBeVisible()
  await buyer.getByRole('link', { name: 'Tidemarks' }).first().click()
  await buyer.getByRole('button', { name: 'Buy for €9' }).first().click()
  await payOnSandbox(buyer, { email: 'ada@example.com' })
  await expect(buyer.getByRole('heading', { name: /^Order \d+$/ })).toBeVisible({ timeout: 30_000 })

  await owner.goto('/admin/setup')
  await expect(owner.getByRole('heading', { name: '2 of 6 done' })).toBeVisible()
  await owner.getByRole('button', { name: 'Do not remind me' }).click()
  await expect(owner.getByRole('link', { name: 'Go on with the set-up' })).toHaveCount(0)
})
