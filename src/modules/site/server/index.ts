import { audit, overwrites, publicData, type Db, type Tx } from '#modules/platform/server/index.ts'
import { isHex } from '#modules/platform/oklch.ts'
import { slugOf } from '#modules/platform/slug.ts'
import { examplePages, exampleSite } from '../example-pages.ts'
import { defaultLook, isDensity, isHead, isLook, lookCss } from '../looks.ts'
import { paletteCss } from '../palette-css.ts'
import { defaultBrand, defaultPaper, isPaper, paletteOf } from '../palette.ts'
import type { LookInput, SiteInput, SitePageInput } from '../schemas.ts'
import type { SiteIdentity, SitePage, SitePageLink } from '../types.ts'
import {
  insertSite,
  lockSiteRow,
  siteRow,
  writeAsked,
  writeLook,
  writeSiteUnlessCurrencyIsFixed,
} from './store.ts'
import * as pages from './store.pages.ts'

/**
 * The owner as this module needs to know them. accounts is of the same rank and may not be imported here;
 * its OwnerActor has this shape, and only accounts mints one.
 */
export interface Owner {
  readonly kind: 'owner'
  readonly memberId: string
}

const unnamed = 'A new shop'

/** Who the shop is. Remembered between changes; before the owner said anything it answers with sensible beginnings. */
export function siteIdentity(db: Db): Promise<SiteIdentity> {
  return db.isTransaction ? readIdentity(db) : publicData('site', () => readIdentity(db))
}

async function readIdentity(db: Db): Promise<SiteIdentity> {
  const row = await siteRow(db)
  if (!row) {
    return {
      name: unnamed,
      sentence: '',
      aboutMd: '',
      ownerName: '',
      contactEmail: undefined,
      timeZone: 'UTC',
      locale: 'en',
      currency: 'EUR',
      brandColour: defaultBrand,
      paper: defaultPaper,
      look: defaultLook,
      density: undefined,
      head: undefined,
      isPublished: true,
      offersWithdrawal: true,
      asksTerms: false,
      asksImmediateDelivery: false,
      paletteCss: '',
      lookCss: '',
    }
  }
  const { brandColour, paper, look } = row
  const density = row.density ?? undefined
  const head = row.head ?? undefined
  // Both are held to these forms by checks of the table.
  if (
    !isHex(brandColour) ||
    !isPaper(paper) ||
    !isLook(look) ||
    (density !== undefined && !isDensity(density)) ||
    (head !== undefined && !isHead(head))
  )
    throw new Error('The site row holds no colour or no look.')
  return {
    ...row,
    brandColour,
    paper,
    look,
    density,
    head,
    lookCss: lookCss({ look, density, head }),
    contactEmail: row.contactEmail ?? undefined,
    paletteCss:
      brandColour === defaultBrand && paper === defaultPaper
        ? ''
        : paletteCss(paletteOf(brandColour, paper)),
  }
}

export type EditSiteResult =
  | { readonly ok: true }
  | Changed
  /** Amounts of two currencies cannot be added up: after the first sale, and while somebody is paying, it stays what it is. */
  | { readonly ok: false; readonly reason: 'currency_is_fixed'; readonly currency: string }

/** Somebody saved what the writer has not seen; nothing was written. */
interface Changed {
  readonly ok: false
  readonly reason: 'changed'
}

/** What the form about the shop shows; seenMark() of it goes along with the form. */
export function shownSite(site: SiteInput) {
  const { name, sentence, aboutMd, ownerName, contactEmail, timeZone, locale, currency } = site
  return { name, sentence, aboutMd, ownerName, contactEmail, timeZone, locale, currency }
}

/** The same of the form about the look. */
export function shownLook({ brandColour, paper, look, density, head }: LookInput) {
  return { brandColour, paper, look, density, head }
}

/**
 * Changes what the shop says of itself. The change of currency is refused once something was sold or is being paid. seen: the
 * form's mark.
 */
export async function editSite(
  tx: Tx,
  owner: Owner,
  input: SiteInput,
  seen?: string,
): Promise<EditSiteResult> {
  const before = await lockSiteRow(tx)
  if (overwrites(seen, shownSite(await readIdentity(tx)), shownSite(input)))
    return { ok: false, reason: 'changed' }
  if (!(await writeSiteUnlessCurrencyIsFixed(tx, input))) {
    return { ok: false, reason: 'currency_is_fixed', currency: before?.currency ?? input.currency }
  }
  const currencyChanged = before !== undefined && before.currency !== input.currency
  await audit(tx, {
    actor: owner,
    action: 'site.edited',
    subject: { kind: 'site', id: 'site' },
    detail: {
      name: input.name,
      currency: input.currency,
      ...(currencyChanged ? { formerCurrency: before.currency } : {}),
    },
  })
  return { ok: true }
}

/** Changes brand colour and paper. No colour is refused: the palette keeps any readable. seen: the form's mark. */
export async function editLook(
  tx: Tx,
  owner: Owner,
  input: LookInput,
  seen?: string,
): Promise<{ readonly ok: true } | Changed> {
  const before = await lockSiteRow(tx)
  if (overwrites(seen, shownLook(await readIdentity(tx)), shownLook(input)))
    return { ok: false, reason: 'changed' }
  await writeLook(tx, input, unnamed)
  await audit(tx, {
    actor: owner,
    action: 'site.look_changed',
    subject: { kind: 'site', id: 'site' },
    detail: {
      brandColour: input.brandColour,
      paper: input.paper,
      look: input.look,
      density: input.density ?? null,
      head: input.head ?? null,
      formerBrandColour: before?.brand_colour ?? null,
    },
  })
  return { ok: true }
}

/** What buyers must agree to before they pay, and whether the footer offers the form for withdrawing afterwards. */
export interface AskedOfBuyers {
  readonly asksTerms: boolean
  readonly asksImmediateDelivery: boolean
  readonly offersWithdrawal: boolean
}

/** What the form about it shows. */
export function shownAsked(asked: AskedOfBuyers) {
  const { asksTerms, asksImmediateDelivery, offersWithdrawal } = asked
  return { asksTerms, asksImmediateDelivery, offersWithdrawal }
}

/** Sets it, from the next press of a button on. On record. seen: the form's mark. */
export async function editAsked(
  tx: Tx,
  owner: Owner,
  asked: AskedOfBuyers,
  seen?: string,
): Promise<{ readonly ok: true } | Changed> {
  await lockSiteRow(tx)
  if (overwrites(seen, shownAsked(await readIdentity(tx)), shownAsked(asked)))
    return { ok: false, reason: 'changed' }
  await writeAsked(tx, asked, unnamed)
  await audit(tx, {
    actor: owner,
    action: 'site.asked_before_paying',
    subject: { kind: 'site', id: 'site' },
    detail: {
      terms: asked.asksTerms,
      immediateDelivery: asked.asksImmediateDelivery,
      withdrawal: asked.offersWithdrawal,
    },
  })
  return { ok: true }
}

/** The pages the footer lists: those that have text. Remembered between changes. */
export function sitePageLinks(db: Db): Promise<readonly SitePageLink[]> {
  return db.isTransaction
    ? pages.pagesWithText(db)
    : publicData('site pages', () => pages.pagesWithText(db))
}

/** One page; undefined when there is none or it has no text yet. */
export async function sitePage(db: Db, slug: string): Promise<SitePage | undefined> {
  const page = await pages.pageBySlug(db, slug)
  return page && page.bodyMd !== '' ? page : undefined
}

/** All pages for the owner's list, empty ones too, in their order; at most 100. */
export function sitePages(db: Db): Promise<SitePage[]> {
  return pages.allPages(db)
}

/** One page for the owner's editor, empty or not. */
export function sitePageForOwner(db: Db, slug: string): Promise<SitePage | undefined> {
  return pages.pageBySlug(db, slug)
}

export type AddPageResult =
  | { readonly ok: true; readonly slug: string }
  | { readonly ok: false; readonly reason: 'title_taken' | 'too_many' }

/**
 * Adds a page; its address comes from the title and stays. A number is added where another title made the same address.
 * title_taken: a page has this very title, so it was probably sent twice.
 */
export async function addSitePage(
  tx: Tx,
  owner: Owner,
  input: SitePageInput,
): Promise<AddPageResult> {
  await pages.lockPages(tx)
  const known = await pages.allPages(tx)
  if (!pages.hasRoomForPage(known.length)) return { ok: false, reason: 'too_many' }
  if (known.some((page) => page.title === input.title)) return { ok: false, reason: 'title_taken' }
  const slug = freeSlug(input.title, new Set(known.map((page) => page.slug)))
  await pages.insertPage(tx, { ...input, slug, position: known.length, isExample: false })
  await audit(tx, {
    actor: owner,
    action: 'site_page.added',
    subject: { kind: 'site_page', id: slug },
  })
  return { ok: true, slug }
}

const longestSlug = 60

/** There are always fewer pages than numbers tried. */
function freeSlug(title: string, taken: ReadonlySet<string>): string {
  const cut = (ending: string) =>
    slugOf(title, 'page')
      .slice(0, longestSlug - ending.length)
      .replace(/-+$/, '') + ending
  let slug = cut('')
  for (let number = 2; taken.has(slug); number++) slug = cut(`-${number}`)
  return slug
}

/** What the form about a page shows. */
export function shownPage({ title, bodyMd }: SitePageInput) {
  return { title, bodyMd }
}

/** Changes title and text of a page. seen: the form's mark. */
export async function editSitePage(
  tx: Tx,
  owner: Owner,
  slug: string,
  input: SitePageInput,
  seen?: string,
): Promise<{ readonly ok: true } | Changed | { readonly ok: false; readonly reason: 'not_found' }> {
  await pages.lockPages(tx)
  const page = await pages.pageBySlug(tx, slug)
  if (!page) return { ok: false, reason: 'not_found' }
  if (overwrites(seen, shownPage(page), shownPage(input))) return { ok: false, reason: 'changed' }
  await pages.updatePage(tx, slug, input)
  await audit(tx, {
    actor: owner,
    action: 'site_page.edited',
    subject: { kind: 'site_page', id: slug },
  })
  return { ok: true }
}

/** Takes a page away for good. Returns false when there was none. */
export async function removeSitePage(tx: Tx, owner: Owner, slug: string): Promise<boolean> {
  if (!(await pages.deletePage(tx, slug))) return false
  await audit(tx, {
    actor: owner,
    action: 'site_page.removed',
    subject: { kind: 'site_page', id: slug },
  })
  return true
}

/**
 * The beginning of a shop: name and sentence of the example studio and the example legal pages, each flagged.
 * Changes nothing that is already there. Returns whether it wrote the site's row.
 */
export async function beginSite(tx: Tx): Promise<boolean> {
  for (const [position, page] of examplePages.entries()) {
    await pages.insertPage(tx, { ...page, position, isExample: true })
  }
  return insertSite(tx, exampleSite)
}
