import type { Page } from '@playwright/test'
import type { Shop } from './shop.ts'

/** Fills the cart of a page's browser past the buttons: as if these had been put in. A code is used by its page. */
export async function fillCart(
  page: Page,
  shop: Shop,
  slugs: readonly string[],
  code = '',
): Promise<void> {
  const rows = await shop.query<{ id: string; slug: string }>(
    'select id, slug from product where slug = any($1)',
    [slugs],
  )
  const ids = slugs.map((slug) => rows.find((row) => row.slug === slug)?.id ?? '')
  const value = encodeURIComponent(ids.map((id) => `${id}.1`).join('!'))
  await page.context().addCookies([{ name: 'cart', value, url: shop.origin }])
  if (code === '') return
  await page.goto(`/code/${code}`)
  await page.getByRole('button', { name: 'Use this code' }).click()
  await page.waitForURL('**/cart')
}
