import type { Hex } from '#modules/platform/oklch.ts'
import type { FontPair } from './fonts.ts'
import type { Density, Head, Hero, Look, Roundness } from './looks.ts'
import type { LookSettings } from './look-settings.ts'
import type { Paper } from './palette.ts'

/** Who the shop is: what every page, mail and receipt tells of it. */
export interface SiteIdentity {
  readonly name: string
  /** One sentence: what it sells and for whom. '' when the owner wrote none. */
  readonly sentence: string
  /** Markdown as the owner wrote it. */
  readonly aboutMd: string
  readonly ownerName: string
  readonly contactEmail: string | undefined
  /** IANA name; all of the owner's dates are told in it. */
  readonly timeZone: string
  /** BCP 47. */
  readonly locale: string
  /** ISO 4217, upper case. */
  readonly currency: string
  readonly brandColour: Hex
  readonly paper: Paper
  /** Fonts, corners, room and the order of the front page. */
  readonly look: Look
  /** undefined: as the look has it. */
  readonly density: Density | undefined
  readonly head: Head | undefined
  readonly fonts: FontPair | undefined
  readonly roundness: Roundness | undefined
  readonly hero: Hero | undefined
  readonly isPublished: boolean
  /** The footer leads to the form for withdrawing from a contract. */
  readonly offersWithdrawal: boolean
  /** Buyers agree to the terms before they pay. */
  readonly asksTerms: boolean
  /** Buyers ask for delivery at once and give up their right of withdrawal by it. */
  readonly asksImmediateDelivery: boolean
  /** The shop's colours as custom properties for a style element; '' when they are the ones of the stylesheet. */
  readonly paletteCss: string
  /** What the look changes in the storefront, for a style element; '' for the look of the stylesheet. */
  readonly lookCss: string
}

/** A legal page or the like as the footer lists it. */
export interface SitePageLink {
  readonly slug: string
  readonly title: string
}

export interface SitePage extends SitePageLink {
  /** Markdown as the owner wrote it. */
  readonly bodyMd: string
  readonly position: number
  /** Written by the program, not by the owner: says of itself that it must be replaced. */
  readonly isExample: boolean
  readonly updatedAt: Date
}

/** What the owner works on before anybody else sees it. */
export interface LookDraft {
  readonly settings: LookSettings
  /** Counts the changes of the draft, so that two tabs do not undo each other; 0 while there is no draft. */
  readonly version: number
  /** undefined: there is no draft, and these settings are the published ones. */
  readonly changedAt: Date | undefined
}

/** A look the shop wore once. */
export interface PublishedLook {
  readonly number: number
  readonly settings: LookSettings
  /** undefined: it was worn before looks were kept. */
  readonly publishedAt: Date | undefined
  readonly isWorn: boolean
}
