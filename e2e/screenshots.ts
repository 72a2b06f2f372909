// Pictures of every page in every state, to look at: phone and desk, light and dark; pages of visitors on a wide screen, too.
//
//   node e2e/screenshots.ts [folder] [page name ...]   into test-results/screenshots, or the folder; all pages, or those
//   node e2e/screenshots.ts --looks [folder] [look ...] each look with three brand colours, on the pages it is judged by
//   node e2e/screenshots.ts --readme                   the README's pictures into docs/pictures
//   node e2e/screenshots.ts --list                     names of the pages
//
// It starts shops of its own, fills them with purchases and what came of them, and ends them again. The pages stand in
// pictured-pages.ts, what happens in the shop beforehand in pictured-shop.ts. A first argument that is the name of a page
// is taken as one.
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { chromium, type Browser, type Page } from '@playwright/test'
import sharp from 'sharp'
import { findBrowser } from '../scripts/browser.ts'
import { buildWhenStale } from '../server/build.ts'
import { fillCart } from './carts.ts'
import { looks as allLooks } from '../src/modules/site/looks.ts'
import { openPage, pagesOfLooks, picturedLooks, wear } from './pictured-looks.ts'
import { picturedPages, readmePictures, type PicturedPage } from './pictured-pages.ts'
import { PicturedShop } from './pictured-shop.ts'

const root = path.resolve(import.meta.dirname, '..')

const looks = [
  { width: 375, colorScheme: 'light' },
  { width: 375, colorScheme: 'dark' },
  { width: 1280, colorScheme: 'light' },
  { width: 1280, colorScheme: 'dark' },
] as const
/** Of pages anybody may see: whether they are finished on a wide screen. */
const wide = { width: 1920, colorScheme: 'light' } as const

/** More than this of a page is not shown. */
const tallest = 6_000

const given = process.argv.slice(2)
if (given.includes('--list')) {
  for (const { name } of picturedPages) process.stdout.write(`${name}\n`)
} else await takePictures()

async function takePictures(): Promise<void> {
  await buildWhenStale(root, (words) => process.stderr.write(`${words}\n`))
  const found = await findBrowser(root)
  if (!found.ok) throw new Error(found.words)
  const browser = await chromium.launch({
    ...(found.environment.SUNDRY_BROWSER
      ? { executablePath: found.environment.SUNDRY_BROWSER }
      : {}),
    env: { ...process.env, ...found.environment },
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-gpu'],
  })
  const shops = new Map<PicturedPage['shop'], PicturedShop>()
  try {
    if (given.includes('--readme')) await forReadme(browser, shops)
    else if (given[0] === '--looks') await forLooks(browser, given.slice(1))
    else await forLooking(browser, shops)
  } finally {
    await browser.close()
    for (const pictured of shops.values()) await pictured.shop.stop()
  }
}

async function forLooking(browser: Browser, shops: Map<PicturedPage['shop'], PicturedShop>) {
  const known = new Set(picturedPages.map(({ name }) => name))
  const [first = ''] = given
  const hasFolder = first !== '' && !known.has(first)
  const folder = path.resolve(hasFolder ? first : path.join(root, 'test-results/screenshots'))
  const names = hasFolder ? given.slice(1) : given
  const unknown = names.filter((name) => !known.has(name))
  if (unknown.length > 0) throw new Error(`No page is called ${unknown.join(', ')}; see --list.`)
  mkdirSync(folder, { recursive: true })
  let failed = 0
  for (const one of picturedPages) {
    if (names.length > 0 && !names.includes(one.name)) continue
    const pictured = await shopOf(one, browser, shops)
    const page = await pictured.newPage(one.who)
    page.setDefaultTimeout(15_000)
    try {
      await lead(page, one, pictured)
      for (const { width, colorScheme } of one.who === 'visitor' ? [...looks, wide] : looks) {
        await look(page, width, colorScheme)
        await page.screenshot({
          path: path.join(folder, `${one.name}.${width}.${colorScheme}.png`),
          fullPage: true,
          clip: { x: 0, y: 0, width, height: await heightOf(page) },
        })
      }
      process.stdout.write(`${one.name}\n`)
    } catch (error) {
      // One page that has changed must not cost the pictures of the others; the command fails in the end.
      failed++
      process.stderr.write(`${one.name}: ${String(error)}\n`)
    } finally {
      await page.context().close()
      await one.after?.(pictured)
    }
  }
  if (failed > 0) process.exitCode = 1
  process.stdout.write(`${folder}\n`)
}

async function forLooks(browser: Browser, [first = '', ...names]: readonly string[]) {
  const folder = path.resolve(first || path.join(root, 'test-results/looks'))
  mkdirSync(folder, { recursive: true })
  const pictured = await PicturedShop.full(browser)
  try {
    for (const worn of picturedLooks) {
      if (names.length > 0 && !names.includes(worn.look)) continue
      await wear(pictured, worn)
      for (const { name, who, at } of pagesOfLooks) {
        const page = await pictured.newPage(who)
        if (name === 'cart') await fillCart(page, pictured.shop, ['tidemarks', 'quiet-lines'])
        await openPage(page, pictured, at)
        for (const { width, colorScheme } of looks) {
          await look(page, width, colorScheme)
          await page.screenshot({
            path: path.join(
              folder,
              `${worn.look}-${worn.brand}-${name}.${width}.${colorScheme}.png`,
            ),
            fullPage: true,
            clip: { x: 0, y: 0, width, height: await heightOf(page) },
          })
        }
        await page.context().close()
      }
      process.stdout.write(`${worn.look}, ${worn.brand}\n`)
    }
  } finally {
    await pictured.shop.stop()
  }
}

async function forReadme(browser: Browser, shops: Map<PicturedPage['shop'], PicturedShop>) {
  for (const { file, page: name, height } of readmePictures) {
    const one = picturedPages.find((page) => page.name === name)
    if (!one) throw new Error(`No page is called ${name}.`)
    const pictured = await shopOf(one, browser, shops)
    const page = await pictured.newPage(one.who)
    await lead(page, one, pictured)
    await page.setViewportSize({ width: 1280, height })
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
    const picture = await page.screenshot()
    const { size } = await sharp(picture)
      .resize({ width: 1100 })
      .webp({ quality: 84, effort: 6 })
      .toFile(path.join(root, 'docs/pictures', `${file}.webp`))
    if (size > 200_000) throw new Error(`${file}.webp is too large: ${size} bytes.`)
    process.stdout.write(`${file}.webp, ${Math.round(size / 1000)} kB\n`)
    await page.context().close()
  }
  await stripOfLooks(browser, shops)
}

/** The six looks of one shop beside each other, in the colour they begin with. */
async function stripOfLooks(browser: Browser, shops: Map<PicturedPage['shop'], PicturedShop>) {
  const pictured = shops.get('fresh') ?? (await PicturedShop.fresh(browser))
  shops.set('fresh', pictured)
  const width = 360
  const height = 300
  const gap = 10
  const tiles = []
  for (const [at, name] of allLooks.entries()) {
    await wear(pictured, { look: name, brand: 'own' })
    const page = await pictured.newPage('visitor')
    await openPage(page, pictured, { address: '/' })
    await page.setViewportSize({ width: 1280, height: Math.round((1280 / width) * height) })
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
    await page.evaluate(() => document.fonts.ready)
    tiles.push({
      input: await sharp(await page.screenshot())
        .resize({ width, height })
        .toBuffer(),
      left: (at % 3) * (width + gap),
      top: Math.floor(at / 3) * (height + gap),
    })
    await page.context().close()
  }
  const { size } = await sharp({
    create: {
      width: 3 * width + 2 * gap,
      height: 2 * height + gap,
      channels: 4,
      background: { r: 0, g: 0, b: 0, alpha: 0 },
    },
  })
    .composite(tiles)
    .webp({ quality: 84, effort: 6 })
    .toFile(path.join(root, 'docs/pictures/looks.webp'))
  process.stdout.write(`looks.webp, ${Math.round(size / 1000)} kB\n`)
}

async function shopOf(
  one: PicturedPage,
  browser: Browser,
  shops: Map<PicturedPage['shop'], PicturedShop>,
): Promise<PicturedShop> {
  const known = shops.get(one.shop)
  if (known) return known
  const pictured = await PicturedShop[one.shop](browser)
  shops.set(one.shop, pictured)
  return pictured
}

async function lead(page: Page, one: PicturedPage, pictured: PicturedShop): Promise<void> {
  await page.setViewportSize({ width: 1280, height: 900 })
  if (one.at) await page.goto(typeof one.at === 'string' ? one.at : pictured.place(one.at.place))
  await one.goOn?.(page, pictured)
  await page.waitForLoadState('networkidle')
}

/** A phone is touched; a desk has a pointer. Pictures further down are fetched before the page is looked at. */
async function look(page: Page, width: number, colorScheme: 'light' | 'dark'): Promise<void> {
  const isPhone = width < 700
  const session = await page.context().newCDPSession(page)
  await session.send('Emulation.setTouchEmulationEnabled', {
    enabled: isPhone,
    ...(isPhone ? { maxTouchPoints: 5 } : {}),
  })
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
  await page.setViewportSize({ width, height: isPhone ? 780 : width > 1500 ? 1080 : 860 })
  // What stands at the foot of a phone's window belongs below the page, not across its middle.
  if (isPhone) await page.setViewportSize({ width, height: await heightOf(page) })
  await page.evaluate(async () => {
    for (const image of document.images) image.loading = 'eager'
    await Promise.all([...document.images].map((image) => image.decode().catch(() => undefined)))
    await document.fonts.ready
  })
  await session.detach()
}

function heightOf(page: Page): Promise<number> {
  return page.evaluate(
    (most) => Math.min(most, Math.max(document.documentElement.scrollHeight, window.innerHeight)),
    tallest,
  )
}
