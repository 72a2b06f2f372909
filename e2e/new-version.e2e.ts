import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { payOnSandbox } from './hosted-page.ts'
import { cookieOf } from './people.ts'
import { ask } from './raw-request.ts'
import { expect, test } from './shop.ts'
import { fetchFile, isDelivered, pressBuy, says, signInByCode } from './visits.ts'

// How many are told depends on who bought before, and a limit touches every buyer.
test.use({ ownShop: 'new-version' })

test('the owner ships version 2 and tells the buyers: one mail each, what is new, and version 1 is still fetched [commerce 16]', async ({
  owner,
  stranger,
  mailbox,
  shop,
}) => {
  const email = 'shipped@example.com'
  const buyer = await stranger()
  await pressBuy(buyer, 'tidemarks')
  await payOnSandbox(buyer, { email })
  await isDelivered(buyer, 'Tidemarks')
  const before = readFileSync(await fetchFile(buyer), 'utf8')

  await openEditor(owner, 'Tidemarks')
  const sheet = owner.locator('details', { has: owner.getByText('The sheet', { exact: true }) })
  await sheet.locator('summary').first().click()
  const upload = sheet.locator('form.upload').first()
  await upload.getByLabel('Version').fill('2.0')
  await upload.getByLabel('What is new').fill('A lighthouse, and thicker lines.')
  await upload.locator('input[type=file]').setInputFiles({
    name: 'tidemarks-sheet.svg',
    mimeType: 'image/svg+xml',
    buffer: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><!-- two --></svg>'),
  })
  await upload.getByRole('button', { name: 'Upload' }).click()
  await says(owner, 'New version added')

  await sheet.getByRole('link', { name: /^Tell the buyers/ }).click()
  await expect(owner.getByRole('heading', { level: 1 })).toHaveText('The sheet, version 2.0')
  await says(owner, 'This tells 1 person')
  await owner.getByRole('button', { name: 'Tell 1 person' }).click()
  const dialog = owner.getByRole('dialog')
  await expect(dialog).toContainText('A lighthouse, and thicker lines.')
  await dialog.getByRole('button', { name: 'Send the mail' }).click()
  await expect(owner.getByText('1 of 1')).toBeVisible({ timeout: 30_000 })
  await expect(owner.getByText('Nobody is told twice.')).toBeVisible({ timeout: 30_000 })
  await expect(owner.getByRole('button', { name: /^Tell/ })).toHaveCount(0)

  const mail = await mailbox.mail(email, /version 2\.0 is here/)
  expect(mail.text).toContain('A lighthouse, and thicker lines.')
  await buyer.goto(mail.links.find((link) => link.includes('/dashboard/products/')) ?? '')
  await signInByCode(buyer, mailbox, email, '**/dashboard/products/*')
  await says(buyer, 'New since you last fetched it')
  await says(buyer, 'A lighthouse, and thicker lines.')
  expect(readFileSync(await fetchFile(buyer), 'utf8')).toContain('two')
  // The edition that was bought is fetched as before, byte for byte.
  const older = buyer.getByRole('link', { name: 'Download The sheet, version 1.1' })
  const cookie = await cookieOf(buyer)
  const path = (await older.getAttribute('href')) ?? ''
  expect((await ask(shop.port, { path, headers: { cookie } })).text).toBe(before)
  await expect(async () => {
    await buyer.reload()
    await expect(buyer.getByText('New since you last fetched it')).toHaveCount(0, {
      timeout: 1_000,
    })
  }).toPass({ timeout: 30_000 })

  await owner.goto(`${new URL(owner.url()).pathname}?which=fetched`)
  await expect(owner.getByRole('link', { name: email })).toBeVisible()
  const subjects = await mailbox.subjectsTo(email)
  expect(subjects.filter((subject) => /version 2\.0/.test(subject))).toHaveLength(1)
  expect(await shop.brokenInvariants()).toEqual([])
})

test('a limit of one download counts whole ones alone, says what to do, and the owner gives one buyer more [commerce 17]', async ({
  owner,
  stranger,
  mailbox,
  shop,
}) => {
  const email = 'limited@example.com'
  await openEditor(owner, 'The Brief Sheet')
  await owner.getByText('Limit how often files are fetched').click()
  await owner.getByLabel('Downloads of each version').fill('1')
  await owner.getByRole('button', { name: 'Save the limit' }).click()
  await says(owner, 'Files are fetched at most once')

  const buyer = await stranger()
  await pressBuy(buyer, 'the-brief-sheet')
  await payOnSandbox(buyer, { email })
  await isDelivered(buyer, 'The Brief Sheet')
  await buyer.goto('/sign-in')
  await signInByCode(buyer, mailbox, email)
  await buyer
    .getByRole('link', { name: /The Brief Sheet/ })
    .first()
    .click()
  await says(buyer, 'You can fetch this once more.')
  const cookie = await cookieOf(buyer)
  const path = (await buyer.locator('a[href^="/downloads/"]').first().getAttribute('href')) ?? ''
  const get = (range?: string) =>
    ask(shop.port, { path, headers: { cookie, ...(range ? { range } : {}) } })
  expect((await get('bytes=0-9')).status).toBe(206)
  expect((await get('bytes=10-')).status).toBe(206)
  expect((await get()).status).toBe(200) // a retry within the day
  // What has left is on record a moment after its last byte has arrived.
  await expect(async () => {
    await buyer.reload()
    await expect(buyer.getByText('as often as the shop allows')).toBeVisible({ timeout: 1_000 })
  }).toPass({ timeout: 30_000 })
  await shop.advance('25h')
  const refused = await buyer.goto(path)
  expect(refused?.status()).toBe(403)
  await says(buyer, /as often as this shop allows/)
  await says(buyer, /write to the shop/)

  await owner.goto('/admin/downloads')
  await owner.getByRole('link', { name: 'The Brief Sheet' }).first().click()
  await owner.waitForURL('**/admin/downloads?purchase=*')
  await says(owner, 'Each version may be fetched once.')
  await owner.getByRole('button', { name: 'Allow' }).click()
  await says(owner, 'Allowed. They can fetch it at once.')
  expect((await get()).status).toBe(200)
})

async function openEditor(owner: Page, title: string): Promise<void> {
  await owner.goto('/admin/products')
  await owner.getByRole('link', { name: new RegExp(`^${title}`) }).click()
  await owner.waitForURL(/products\/[0-9a-f-]{36}/)
  await owner.waitForLoadState('networkidle') // the page takes over its parts
}
