import { readFileSync } from 'node:fs'
import sharp from 'sharp'
import { payOnSandbox } from './hosted-page.ts'
import { expect, test, visitorOptions, type Shop } from './shop.ts'
import { fetchFile, isDelivered, pressBuy, says } from './visits.ts'
import type { Page } from '@playwright/test'

test('the owner makes a product from nothing: file, link, snippet, picture, price; publishes it, and it sells', async ({
  owner,
  stranger,
  shop,
}) => {
  await owner.goto('/admin/products')
  await owner.getByRole('link', { name: 'New product' }).click()
  await owner.getByLabel('Title').fill('Harbour Notes')
  await owner.getByRole('button', { name: 'Begin the draft' }).click()
  await owner.waitForURL(/\/admin\/products\/[0-9a-f-]{36}/)
  const productId = /[0-9a-f-]{36}/.exec(owner.url())?.[0] ?? ''

  // A draft is nowhere in the shop, whoever knows its address.
  const visitor = await stranger()
  expect((await visitor.goto('/p/harbour-notes'))?.status()).toBe(404)

  await owner.getByLabel('One sentence').fill('Tides, ropes and what the gulls said.')
  await owner.getByLabel('Description').fill('## For whom\n\nPeople with **wet boots**.')
  await owner.getByRole('button', { name: 'Save words' }).click()
  await says(owner, 'Saved')

  const price = owner.getByRole('textbox', { name: 'Price' })
  // Digits fill up from the right, as at a till.
  await price.pressSequentially('1250')
  await owner.getByRole('button', { name: 'Set the price' }).click()
  await says(owner, 'The price is set')
  await expect(price).toHaveValue('12.50')

  await owner
    .getByRole('region', { name: 'What buyers get' })
    .locator('input[type=file]')
    .first()
    .setInputFiles({
      name: 'harbour-notes.pdf',
      mimeType: 'application/pdf',
      buffer: Buffer.from('%PDF-1.4 the first edition'),
    })
  await expect(owner.getByText('harbour notes').first()).toBeVisible()
  await addItem(owner, 'Add a link', {
    Title: 'The film',
    Address: 'https://films.example/harbour',
  })
  await addItem(owner, 'Add a snippet to copy', {
    Title: 'For your site',
    Text: '<b class="harbour">Harbour</b>',
  })

  await owner
    .getByRole('region', { name: 'Pictures' })
    .locator('input[type=file]')
    .setInputFiles({
      name: 'harbour.jpg',
      mimeType: 'image/jpeg',
      buffer: await sharp({
        create: { width: 1600, height: 1200, channels: 3, background: '#33668a' },
      })
        .jpeg()
        .toBuffer(),
    })
  await says(owner, 'Picture added')

  await publishes(owner)

  // It is in the store, with its picture, and is sold.
  await visitor.goto('/')
  await visitor.getByRole('link', { name: 'Harbour Notes' }).first().click()
  await expect(visitor.getByRole('heading', { level: 1 })).toHaveText('Harbour Notes')
  await says(visitor, 'wet boots')
  await says(visitor, 'Tides, ropes and what the gulls said.')
  const picture = visitor.locator('main img').first()
  await expect(picture).toBeVisible()
  expect(await picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(
    300,
  )
  await visitor.getByRole('button', { name: 'Buy for €12.50' }).first().click()
  await payOnSandbox(visitor, { email: 'harbour@example.com' })
  await isDelivered(visitor, 'Harbour Notes')
  expect(readFileSync(await fetchFile(visitor), 'utf8')).toBe('%PDF-1.4 the first edition')
  await expect(visitor.getByRole('link', { name: 'Open The film' })).toHaveAttribute(
    'href',
    'https://films.example/harbour',
  )
  await visitor.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await visitor.getByRole('button', { name: /copy/i }).first().click()
  expect(await visitor.evaluate(() => navigator.clipboard.readText())).toBe(
    '<b class="harbour">Harbour</b>',
  )

  await archives(owner, visitor, shop, productId)
})

/** Archived after sale: gone from the store, told politely, its buyers keep it [commerce 15]. */
async function archives(owner: Page, buyer: Page, shop: Shop, productId: string): Promise<void> {
  const paid = buyer.url()
  await owner.goto(`/admin/products/${productId}`)
  await owner.getByRole('button', { name: 'Archive' }).click()
  await owner
    .getByRole('dialog')
    .getByRole('button', { name: /archive/i })
    .click()
  await says(owner, /out of the shop|archived/i)

  await buyer.goto('/')
  await expect(buyer.getByRole('link', { name: 'Harbour Notes' })).toHaveCount(0)
  const gone = await buyer.goto('/p/harbour-notes')
  expect(gone?.status()).toBe(410)
  await says(buyer, /Harbour Notes.*no longer sold/)
  await buyer.goto('/search?q=harbour')
  await expect(buyer.getByRole('link', { name: 'Harbour Notes' })).toHaveCount(0)
  await buyer.goto(paid)
  await isDelivered(buyer, 'Harbour Notes')
  await fetchFile(buyer)
  expect(await shop.brokenInvariants()).toEqual([])
}

test('archived while somebody is paying: who pays still gets it; who comes later is told that it is no longer sold [commerce 15]', async ({
  owner,
  stranger,
}) => {
  const paying = await stranger()
  await pressBuy(paying, 'the-brief-sheet')
  const looking = await stranger()
  await looking.goto('/p/the-brief-sheet')

  await owner.goto('/admin/products')
  await owner.getByRole('link', { name: /^The Brief Sheet/ }).click()
  await owner.waitForURL(/products\/[0-9a-f-]{36}/)
  const page = owner.url()
  await owner.getByRole('button', { name: 'Archive' }).click()
  await owner
    .getByRole('dialog')
    .getByRole('button', { name: /archive/i })
    .click()
  await says(owner, /out of the shop|archived/i)

  await payOnSandbox(paying, { email: 'in-time@example.com' })
  await isDelivered(paying, 'The Brief Sheet')
  await looking
    .getByRole('button', { name: /^Buy for/ })
    .first()
    .click()
  await says(looking, /no(?:t| longer) (?:for sale|sold)/i)

  await owner.goto(page)
  await owner.getByRole('button', { name: 'Bring back as a draft' }).click()
  await publishes(owner)
})

async function publishes(owner: Page): Promise<void> {
  await owner.getByRole('button', { name: 'Put into the shop' }).click()
  await owner.getByRole('dialog').getByRole('button', { name: 'Put into the shop' }).click()
  await says(owner, 'It is in the shop now.')
}

/** Opens one of the editor's foldable forms, fills it and adds. */
async function addItem(
  owner: Page,
  summary: string,
  fields: Readonly<Record<string, string>>,
): Promise<void> {
  const region = owner.getByRole('region', { name: 'What buyers get' })
  const group = region.locator('details', { has: owner.getByText(summary, { exact: true }) })
  await group.locator('summary').click()
  for (const [label, value] of Object.entries(fields))
    await group.getByLabel(label).first().fill(value)
  await group.getByRole('button', { name: /^Add/ }).click()
  await expect(region.getByText(fields['Title'] ?? '').first()).toBeVisible()
}

test('two tabs on one product: the second is told what the first saved, and loses nothing of its own', async ({
  browser,
  owner,
  shop,
}) => {
  await owner.goto('/admin/products/new')
  await owner.getByLabel('Title').fill('Harbour lights')
  await owner.getByRole('button', { name: 'Begin the draft' }).click()
  await owner.waitForURL(/\/admin\/products\/[0-9a-f-]+/)
  // A browser of its own: here a refused form is what is wanted, and no problem of the page.
  const second = await browser.newContext({
    ...visitorOptions(shop),
    storageState: await owner.context().storageState(),
  })
  const other = await second.newPage()
  await other.goto(owner.url())
  for (const page of [owner, other]) await page.waitForLoadState('networkidle') // the forms are taken over
  const save = async (page: typeof owner, sentence: string) => {
    await page.locator('#words').getByLabel('One sentence').fill(sentence)
    const answered = page.waitForResponse((answer) => answer.request().method() === 'POST')
    await page.getByRole('button', { name: 'Save words' }).click()
    await answered
  }
  await save(owner, 'Of the first tab')
  await expect(owner.getByText('Saved', { exact: true }).first()).toBeVisible()
  await save(other, 'Of the second tab')
  await expect(other.getByText('Somebody changed this meanwhile')).toBeVisible()
  await expect(other.locator('#words').getByLabel('One sentence')).toHaveValue('Of the second tab')
  await owner.reload()
  await expect(owner.locator('#words').getByLabel('One sentence')).toHaveValue('Of the first tab')
  // Now it was seen: saved once more it stands.
  await other.getByRole('button', { name: 'Save words' }).click()
  await expect(other.getByText('Saved', { exact: true }).first()).toBeVisible()
  await expect(other.getByText('Somebody changed this meanwhile')).toHaveCount(0)
  await save(other, 'Of the second tab, again')
  await expect(other.getByText('Somebody changed this meanwhile')).toHaveCount(0)
  await owner.reload()
  await expect(owner.locator('#words').getByLabel('One sentence')).toHaveValue(
    'Of the second tab, again',
  )
  await second.close()
})
