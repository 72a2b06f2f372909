import type { Page, Response } from '@playwright/test'
import { fontPairs } from '../src/modules/site/fonts.ts'
import { looks } from '../src/modules/site/looks.ts'
import { ask } from './raw-request.ts'
import { expect, test } from './shop.ts'

// Bytes on the wire, packed as they are sent; pictures, which belong to the owner, are not counted. What else is wrong with
// a page (errors, foreign hosts, missing parts) the visitor's own watch notes.

interface Weight {
  /** HTML, styles and scripts. */
  readonly page: number
  readonly scripts: number
  readonly fonts: number
}

const ofTheStore: Weight = { page: 60_000, scripts: 40_000, fonts: 60_000 }
/** Pages of accounts bring what they are made with (Svelte and Kit's router, about 47 kB), and little beside it. */
const ofAccounts: Weight = { page: 65_000, scripts: 55_000, fonts: 60_000 }

/** Opens a page in a browser that has nothing yet, reads it to its end, and weighs what came. */
async function weigh(page: Page, path: string): Promise<Weight> {
  const responses: Response[] = []
  page.on('response', (response) => responses.push(response))
  await page.goto(path, { waitUntil: 'load' })
  // Fonts and pictures further down are asked for when they come into view.
  await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight))
  await page.evaluate(() => document.fonts.ready)
  await page.waitForLoadState('networkidle')
  const bytesOf = async (...kinds: readonly string[]) => {
    let bytes = 0
    for (const response of responses) {
      const request = response.request()
      if (kinds.includes(request.resourceType())) bytes += (await request.sizes()).responseBodySize
    }
    return bytes
  }
  return {
    page: await bytesOf('document', 'stylesheet', 'script'),
    scripts: await bytesOf('script'),
    fonts: await bytesOf('font'),
  }
}

for (const [path, limits] of [
  ['/', ofTheStore],
  ['/p/the-wednesday-planner', ofTheStore],
  ['/search?q=tide', ofTheStore],
  ['/pages/terms', ofTheStore],
  ['/posts', ofTheStore],
  ['/posts/seven-questions-before-the-first-sketch', ofTheStore],
  ['/no-such-page', ofTheStore],
  ['/sign-in', ofAccounts],
] as const)
  test(`${path} is light for somebody who comes for the first time`, async ({ stranger }) => {
    const weight = await weigh(await stranger(), path)
    expect(weight.page).toBeGreaterThan(2_000)
    for (const part of ['page', 'scripts', 'fonts'] as const)
      expect(weight[part], `bytes of ${part}`).toBeLessThanOrEqual(limits[part])
  })

for (const look of looks)
  test(`the look ${look} is as light, with a colour and a room of its own`, async ({
    shop,
    stranger,
  }) => {
    const wear = (values: (string | null)[]) =>
      shop.query('update site set look = $1, brand_colour = $2, density = $3, head = $4', values)
    const [before] = await shop.query<Record<'look' | 'brand_colour', string>>(
      'select look, brand_colour from site',
    )
    await wear([look, '#e6007e', 'roomy', 'bar'])
    try {
      for (const path of ['/', '/p/the-wednesday-planner']) {
        const weight = await weigh(await stranger(), path)
        for (const part of ['page', 'scripts', 'fonts'] as const)
          expect(weight[part], `bytes of ${part} at ${path}`).toBeLessThanOrEqual(ofTheStore[part])
      }
    } finally {
      await wear([before?.look ?? 'warm', before?.brand_colour ?? '', null, null])
    }
  })

for (const fonts of fontPairs)
  test(`the fonts ${fonts} are as light, with every section and ground`, async ({
    shop,
    stranger,
  }) => {
    const wear = (...values: (string | null)[]) =>
      shop.query('update site set fonts = $1, hero = $2, front_sections = $3', values)
    const section = (id: string, kind: string, ground: string, body = '') => ({
      id,
      kind,
      ground,
      isHidden: false,
      title: 'A heading of ours',
      body,
    })
    await wear(
      fonts,
      'split',
      JSON.stringify([
        section('opening', 'opening', 'tint'),
        section('range', 'range', 'plain'),
        section('w', 'words', 'dark', 'A word about it. '.repeat(60)),
        section('q', 'questions', 'brand', 'Is it mine?\nYes.\n\nFor ever?\nYes.'),
        section('s', 'quote', 'dark', 'Kept me going in February.'),
        section('about', 'about', 'plain'),
      ]),
    )
    try {
      for (const path of ['/', '/p/the-wednesday-planner']) {
        const weight = await weigh(await stranger(), path)
        for (const part of ['page', 'scripts', 'fonts'] as const)
          expect(weight[part], `bytes of ${part} at ${path}`).toBeLessThanOrEqual(ofTheStore[part])
      }
    } finally {
      await wear(null, null, null)
    }
  })

test('every page names an icon that is there', async ({ owner, shop }) => {
  for (const path of [
    '/',
    '/sign-in',
    '/dashboard',
    '/admin/orders',
    '/mailbox',
    '/no-such-page',
  ]) {
    await owner.goto(path)
    const icons = await owner
      .locator('link[rel~=icon], link[rel=apple-touch-icon], link[rel=manifest]')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''))
    expect(icons.length, path).toBeGreaterThan(0)
    for (const icon of icons) {
      const { pathname, search } = new URL(icon, owner.url())
      const answer = await ask(shop.port, { path: pathname + search })
      expect(answer.status, `${icon} on ${path}`).toBe(200)
      expect(answer.headers['content-type'], icon).toMatch(/^image\/|manifest\+json/)
    }
  }
})
