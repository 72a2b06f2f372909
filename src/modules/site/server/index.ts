import { audit, overwrites, publicData, type Db, type Tx } from '#modules/platform/server/index.ts'
import { slugOf } from '#modules/platform/slug.ts'
import { examplePages, exampleSite } from '../example-pages.ts'
import type { FrontSection } from '../front-sections.ts'
import { type LookSettings } from '../look-settings.ts'
import { lookCss } from '../looks.ts'
import { paletteCss } from '../palette-css.ts'
import { defaultBrand, defaultPaper, paletteOf } from '../palette.ts'
import type { SiteInput, SitePageInput } from '../schemas.ts'
import type { SiteIdentity, SitePage, SitePageLink } from '../types.ts'
import {
  insertSite,
  lockSiteRow,
  siteRow,
  writeAsked,
  writeSiteUnlessCurrencyIsFixed,
} from './store.ts'
import { lookDraft, unnamed } from './looks.ts'
import type { Owner } from './owner.ts'
import * as pages from './store.pages.ts'

export type { Owner } from './owner.ts'
export { editAds, shownAds, siteAds } from './ads.ts'
export {
  draftLook,
  draftSections,
  draftUsualLook,
  dropDraft,
  editLook,
  frontSections,
  lookDraft,
  publishDraft,
  publishedLooks,
  shownLook,
  wearAgain,
  wornLook,
} from './looks.ts'
import { settingsFrom } from '../stored-look.ts'

/** Who the shop is. Remembered between changes; before the owner said anything it answers with sensible beginnings. */
export function siteIdentity(db: Db): Promise<SiteIdentity> {
  return db.isTransaction ? readIdentity(db) : publicData('site', () => readIdentity(db))
}

async function readIdentity(db: Db): Promise<SiteIdentity> {
  const row = await siteRow(db)
  const look = settingsFrom(
    Object.fromEntries(Object.entries(row ?? {}).filter(([, one]) => one !== null)),
  )
  if (!row)
    return {
      name: unnamed,
      sentence: '',
      aboutMd: '',
      ownerName: '',
      contactEmail: undefined,
      timeZone: 'UTC',
      locale: 'en',
      currency: 'EUR',
      isPublished: true,
      offersWithdrawal: true,
      asksTerms: false,
      asksImmediateDelivery: false,
      ...wearing(look),
    }
  const { brandColour: _colour, paper: _paper, contactEmail, ...rest } = row
  return { ...rest, contactEmail: contactEmail ?? undefined, ...wearing(look) }
}

/** What a look says of itself in every page. */
function wearing({ sections, ...look }: LookSettings) {
  void sections // the front page asks for them by itself
  const isOfStylesheet = look.brandColour === defaultBrand && look.paper === defaultPaper
  return {
    ...look,
    lookCss: lookCss(look),
    paletteCss: isOfStylesheet ? '' : paletteCss(paletteOf(look.brandColour, look.paper)),
  }
}

/** The shop in the clothes of its draft, for the owner who looks at it before it is published. */
export async function draftedIdentity(
  db: Db,
): Promise<{ readonly site: SiteIdentity; readonly sections: readonly FrontSection[] }> {
  const [site, draft] = await Promise.all([siteIdentity(db), lookDraft(db)])
  return { site: { ...site, ...wearing(draft.settings) }, sections: draft.settings.sections }
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
