import { z } from 'zod'
import { isHex } from '#modules/platform/oklch.ts'
import { fontPairs } from './fonts.ts'
import {
  grounds,
  isAddedKind,
  mostSections,
  sectionKinds,
  usualSections,
  type FrontSection,
} from './front-sections.ts'
import type { LookSettings } from './look-settings.ts'
import { defaultLook, densities, heads, heroes, looks, roundnesses } from './looks.ts'
import { defaultBrand, defaultPaper, papers } from './palette.ts'

// Looks as they lie in the database, which an older or a newer program may have written.

const storedSettings = z.object({
  brandColour: z.string().refine(isHex).catch(defaultBrand),
  paper: z.enum(papers).catch(defaultPaper),
  look: z.enum(looks).catch(defaultLook),
  density: z.enum(densities).optional().catch(undefined),
  head: z.enum(heads).optional().catch(undefined),
  fonts: z.enum(fontPairs).optional().catch(undefined),
  roundness: z.enum(roundnesses).optional().catch(undefined),
  hero: z.enum(heroes).optional().catch(undefined),
})

/** Settings as they were stored, by this program or an older or newer one: what it does not know is as the look has it. */
export function settingsFrom(value: unknown): LookSettings {
  const { brandColour, ...rest } = storedSettings.parse(isRecord(value) ? value : {})
  return {
    density: undefined,
    head: undefined,
    fonts: undefined,
    roundness: undefined,
    hero: undefined,
    ...rest,
    brandColour: isHex(brandColour) ? brandColour : defaultBrand,
    sections: sectionsFrom(isRecord(value) ? value.sections : undefined),
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const storedSection = z.object({
  id: z.string().min(1).max(60),
  kind: z.enum(sectionKinds),
  ground: z.enum(grounds).catch('plain'),
  isHidden: z.boolean().catch(false),
  title: z.string().max(120).catch(''),
  body: z.string().max(4_000).catch(''),
})

/**
 * Sections as they were stored, by this program or an older or newer one: what it does not know is left out, and what is always
 * there is there once, the opening first. Never throws.
 */
export function sectionsFrom(value: unknown): readonly FrontSection[] {
  if (!Array.isArray(value)) return usualSections
  const known = value.flatMap((one) => {
    const parsed = storedSection.safeParse(one)
    return parsed.success ? [parsed.data] : []
  })
  const seen = new Set<string>()
  const once = known.filter((one) => {
    const key = isAddedKind(one.kind) ? one.id : one.kind
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
  const all = [...once, ...usualSections.filter((usual) => !seen.has(usual.kind))]
  const fit = all.map((one) => (isAddedKind(one.kind) ? one : { ...one, id: one.kind, body: '' }))
  const [opening] = usualSections
  const first = fit.find((one) => one.kind === 'opening') ?? opening
  const rest = fit.filter((one) => one.kind !== 'opening')
  const most = rest.filter((one, at) => !isAddedKind(one.kind) || at < mostSections - 1)
  return [...(first ? [{ ...first, isHidden: false }] : []), ...most]
}
