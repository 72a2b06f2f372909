import type { Hex } from '#modules/platform/oklch.ts'
import { fontWords, type FontPair } from './fonts.ts'
import { groundWords, kindWords, usualSections, type FrontSection } from './front-sections.ts'
import {
  defaultLook,
  densityWords,
  headWords,
  heroWords,
  lookWords,
  roundnessWords,
  type LookChoices,
} from './looks.ts'
import { type Paper } from './palette.ts'

/** Everything the owner decides about how the shop looks: what is drafted, published and kept in its history. */
export interface LookSettings extends LookChoices {
  readonly brandColour: Hex
  readonly paper: Paper
  readonly fonts: FontPair | undefined
  readonly roundness: LookChoices['roundness']
  readonly hero: LookChoices['hero']
  readonly sections: readonly FrontSection[]
}

/** The look as the program brings it; the colours stay the shop's own. */
export function usualSettings(colours: Pick<LookSettings, 'brandColour' | 'paper'>): LookSettings {
  return {
    brandColour: colours.brandColour,
    paper: colours.paper,
    look: defaultLook,
    density: undefined,
    head: undefined,
    fonts: undefined,
    roundness: undefined,
    hero: undefined,
    sections: usualSections,
  }
}

export function areSame(one: LookSettings, other: LookSettings): boolean {
  return changesBetween(one, other).length === 0
}

const asTheLook = 'as the look has it'

/** What publishing would change, one line each, in the owner's words. Nothing: [] */
export function changesBetween(now: LookSettings, next: LookSettings): string[] {
  const lines: string[] = []
  const tell = (what: string, before: string, after: string) => {
    if (before !== after) lines.push(`${what}: ${before} becomes ${after}`)
  }
  tell('Brand colour', now.brandColour, next.brandColour)
  tell('Paper', now.paper, next.paper)
  tell('Look', lookWords[now.look].label, lookWords[next.look].label)
  const chosen = <Name extends string>(
    what: string,
    words: Readonly<Record<Name, { readonly label: string }>>,
    before: Name | undefined,
    after: Name | undefined,
  ) =>
    tell(
      what,
      before === undefined ? asTheLook : words[before].label,
      after === undefined ? asTheLook : words[after].label,
    )
  chosen('Fonts', fontWords, now.fonts, next.fonts)
  chosen('Corners', roundnessWords, now.roundness, next.roundness)
  chosen('Room', densityWords, now.density, next.density)
  chosen('Head of each page', headWords, now.head, next.head)
  chosen('How the front page opens', heroWords, now.hero, next.hero)
  return [...lines, ...sectionChanges(now.sections, next.sections)]
}

function sectionChanges(now: readonly FrontSection[], next: readonly FrontSection[]): string[] {
  const lines: string[] = []
  const before = new Map(now.map((one) => [one.id, one]))
  for (const one of next) {
    const old = before.get(one.id)
    const name = sectionName(one)
    if (!old) lines.push(`${name}: new on the front page`)
    else {
      if (old.isHidden !== one.isHidden)
        lines.push(`${name}: ${one.isHidden ? 'hidden' : 'shown again'}`)
      if (old.ground !== one.ground)
        lines.push(
          `${name}: ${groundWords[old.ground].label} becomes ${groundWords[one.ground].label}`,
        )
      if (old.title !== one.title || old.body !== one.body) lines.push(`${name}: other words`)
    }
  }
  const after = new Set(next.map((one) => one.id))
  for (const one of now)
    if (!after.has(one.id)) lines.push(`${sectionName(one)}: taken off the front page`)
  const order = (some: readonly FrontSection[], others: ReadonlySet<string>) =>
    some.flatMap(({ id }) => (others.has(id) ? [id] : [])).join()
  if (order(now, after) !== order(next, new Set(before.keys())))
    lines.push('The sections of the front page stand in another order')
  return lines
}

/** What a section is called in lists: its own title, or what it is. */
export function sectionName(one: FrontSection): string {
  return one.title !== '' && one.kind !== 'quote' ? one.title : kindWords[one.kind].label
}
