import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { payOnSandbox } from './hosted-page.ts'
import { expect, test } from './shop.ts'
import { isDelivered, pressBuy } from './visits.ts'

const looks = [
  { width: 375, colorScheme: 'light' },
  { width: 375, colorScheme: 'dark' },
  { width: 1280, colorScheme: 'light' },
  { width: 1280, colorScheme: 'dark' },
] as const

/** Serious and critical findings of axe in every look, and sideways scrolling at 320 px: both must be nothing. */
async function isFitForEverybody(page: Page, path: string): Promise<void> {
  await page.goto(path)
  for (const { width, colorScheme } of looks) {
    await page.setViewportSize({ width, height: 900 })
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const { violations } = await new AxeBuilder({ page }).analyze()
    const grave = violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
    expect(grave, `${path} at ${width} px, ${colorScheme}`).toEqual([])
  }
  await page.setViewportSize({ width: 320, height: 700 })
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - window.innerWidth,
  )
  expect(overflow, `${path} scrolls sideways at 320 px`).toBeLessThanOrEqual(0)
}

test('every page of the store can be used by everybody', async ({ stranger }) => {
  const page = await stranger()
  for (const path of [
    '/',
    '/p/the-wednesday-planner',
    '/search?q=marks',
    '/search?q=nothing-like-it',
    '/pages/terms',
    '/sign-in',
    '/no-such-page',
  ])
    await isFitForEverybody(page, path)
})

test('so can paying, the paid page and the dashboard', async ({ stranger, owner }) => {
  const page = await stranger()
  await pressBuy(page, 'tidemarks')
  await isFitForEverybody(page, page.url())
  await payOnSandbox(page, { email: 'axe@example.com' })
  await isDelivered(page, 'Tidemarks')
  await isFitForEverybody(page, page.url())
  for (const path of ['/dashboard', '/dashboard/receipts', '/dashboard/settings'])
    await isFitForEverybody(owner, path)
})

test('so can every page of the owner', async ({ owner }) => {
  test.setTimeout(300_000)
  await owner.goto('/admin/orders')
  for (const path of [
    '/admin/orders',
    '/admin/products',
    '/admin/products/new',
    '/admin/customers',
    '/admin/payments',
    '/admin/settings',
    '/mailbox',
    '/style',
  ])
    await isFitForEverybody(owner, path)
})
