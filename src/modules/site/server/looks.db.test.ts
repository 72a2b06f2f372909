import { describe, expect, it } from 'vitest'
import { db, inTransaction, seenMark } from '#modules/platform/server/index.ts'
import { sql } from 'kysely'
import { emptyBeforeEach, useDatabase } from '../../../../test/database.ts'
import { withAdded, withHidden, withMoved } from '../front-sections.ts'
import type { LookInput } from '../schemas.ts'
import {
  beginSite,
  draftedIdentity,
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
  siteIdentity,
  wearAgain,
  wornLook,
  type Owner,
} from './index.ts'

useDatabase()
emptyBeforeEach()

const owner: Owner = { kind: 'owner', memberId: '018f0000-0000-7000-8000-000000000001' }

const bold: LookInput = {
  brandColour: '#e6007e',
  paper: 'cool',
  look: 'bold',
  density: undefined,
  head: undefined,
  fonts: 'archivo',
  roundness: 'soft',
  hero: 'split',
}

async function publicVersion(): Promise<number> {
  const row = await db().selectFrom('public_version').select('version').executeTakeFirstOrThrow()
  return row.version
}

async function drafted(input: LookInput, seen?: string): Promise<number> {
  const done = await inTransaction((tx) => draftLook(tx, owner, input, seen))
  if (!done.ok) throw new Error(done.reason)
  return done.version
}

async function auditActions(): Promise<string[]> {
  const rows = await db().selectFrom('audit_entry').select('action').orderBy('id').execute()
  return rows.map((row) => row.action)
}

describe('a draft of the look', () => {
  it('is seen by nobody until it is published: no page is made anew for it', async () => {
    await inTransaction(beginSite)
    const before = await publicVersion()
    await drafted(bold)
    await inTransaction((tx) =>
      draftSections(tx, owner, (sections) => withAdded(sections, 'quote', 'q')),
    )
    expect(await publicVersion()).toBe(before)
    expect(await siteIdentity(db())).toMatchObject({ look: 'warm', fonts: undefined, lookCss: '' })
    expect(await frontSections(db())).toHaveLength(3)
    const { site, sections } = await draftedIdentity(db())
    expect(site).toMatchObject({ look: 'bold', fonts: 'archivo', roundness: 'soft', hero: 'split' })
    expect(site.lookCss).toContain('Archivo Display')
    expect(site.paletteCss).toContain('--accent:#dc0078')
    expect(sections).toHaveLength(4)
    expect(await auditActions()).toEqual([])
  })

  it('is worn by the shop once it is published, and that is on record', async () => {
    await inTransaction(beginSite)
    const version = await drafted(bold)
    const before = await publicVersion()
    expect(await inTransaction((tx) => publishDraft(tx, owner, version))).toEqual({ ok: true })
    expect(await publicVersion()).toBeGreaterThan(before)
    expect(await siteIdentity(db())).toMatchObject({ ...bold })
    expect((await lookDraft(db())).changedAt).toBeUndefined()
    expect(await auditActions()).toEqual(['site.look_changed'])
    // Once more: there is nothing to publish.
    const { version: now } = await lookDraft(db())
    expect(await inTransaction((tx) => publishDraft(tx, owner, now))).toEqual({
      ok: false,
      reason: 'no_draft',
    })
  })

  it('is not undone by a tab that was left open, before or after it was published', async () => {
    await inTransaction(beginSite)
    const opened = await lookDraft(db())
    const seen = seenMark(shownLook(opened.settings))
    const version = await drafted(bold, seen)
    const late = { ok: false, reason: 'changed_meanwhile' }
    const other: LookInput = { ...bold, look: 'night' }
    expect(await inTransaction((tx) => draftLook(tx, owner, other, seen))).toEqual(late)
    expect(await inTransaction((tx) => publishDraft(tx, owner, opened.version))).toEqual(late)
    expect(await inTransaction((tx) => publishDraft(tx, owner, version))).toEqual({ ok: true })
    expect(await inTransaction((tx) => draftLook(tx, owner, other, seen))).toEqual(late)
    const write = (id: number) =>
      inTransaction((tx) =>
        draftSections(tx, owner, (sections) => withAdded(sections, 'quote', 'q'), id),
      )
    expect(await write(version)).toEqual(late)
  })

  it('of two tabs that save at once takes one', async () => {
    await inTransaction(beginSite)
    const seen = seenMark(shownLook((await lookDraft(db())).settings))
    const both = await Promise.all(
      (['night', 'soft'] as const).map((look) =>
        inTransaction((tx) => draftLook(tx, owner, { ...bold, look }, seen)),
      ),
    )
    expect(both.filter((one) => one.ok)).toHaveLength(1)
  })

  it('that is what the shop wears is none', async () => {
    await inTransaction(beginSite)
    await drafted(bold)
    await drafted({
      ...bold,
      brandColour: '#b4472e',
      paper: 'warm',
      look: 'warm',
      fonts: undefined,
      roundness: undefined,
      hero: undefined,
    })
    expect((await lookDraft(db())).changedAt).toBeUndefined()
  })

  it('is dropped without a trace in the shop', async () => {
    await inTransaction(beginSite)
    const worn = await wornLook(db())
    await drafted(bold)
    await inTransaction((tx) => dropDraft(tx, owner))
    expect(await lookDraft(db())).toMatchObject({ settings: worn, changedAt: undefined })
  })

  it('keeps its sections when the set-up changes colour and look at once, and takes both over', async () => {
    await inTransaction(beginSite)
    await inTransaction((tx) =>
      draftSections(tx, owner, (sections) => withHidden(sections, 'about', true)),
    )
    await inTransaction((tx) => editLook(tx, owner, { ...bold, hero: undefined, fonts: undefined }))
    expect(await siteIdentity(db())).toMatchObject({ look: 'bold', brandColour: '#e6007e' })
    const { settings } = await lookDraft(db())
    expect(settings).toMatchObject({ look: 'bold', brandColour: '#e6007e' })
    expect(settings.sections.find(({ id }) => id === 'about')?.isHidden).toBe(true)
  })

  it('refuses in the database what no form lets through', async () => {
    await inTransaction(beginSite)
    for (const change of [
      sql`update site set fonts = 'comic'`,
      sql`update site set roundness = '50%'`,
      sql`update site set hero = 'carousel'`,
      sql`update site set front_sections = '{}'`,
    ])
      await expect(change.execute(db())).rejects.toThrow(/check/)
  })
})

describe('looks the shop wore', () => {
  it('are kept, with the one before the first change, and can be worn again', async () => {
    await inTransaction(beginSite)
    const version = await drafted(bold)
    await inTransaction((tx) => publishDraft(tx, owner, version))
    await inTransaction((tx) =>
      draftSections(tx, owner, (sections) => withMoved(sections, 'about', 'earlier')),
    )
    await inTransaction(async (tx) => publishDraft(tx, owner, (await lookDraft(tx)).version))
    const looks = await publishedLooks(db())
    expect(looks.map(({ settings }) => settings.look)).toEqual(['bold', 'bold', 'warm'])
    expect(looks.map(({ isWorn }) => isWorn)).toEqual([true, false, false])
    expect(looks.at(-1)?.publishedAt).toBeUndefined()

    await drafted({ ...bold, look: 'night' })
    const former = looks.at(-1)?.number ?? 0
    expect(await inTransaction((tx) => wearAgain(tx, owner, former))).toBe(true)
    expect(await siteIdentity(db())).toMatchObject({
      look: 'warm',
      brandColour: '#b4472e',
      paletteCss: '',
    })
    expect((await frontSections(db())).map(({ id }) => id)).toEqual(['opening', 'range', 'about'])
    expect((await lookDraft(db())).changedAt).toBeUndefined()
    expect(await inTransaction((tx) => wearAgain(tx, owner, 999_999))).toBe(false)
    expect(await auditActions()).toEqual([
      'site.look_changed',
      'site.look_changed',
      'site.look_worn_again',
    ])
  })

  it('are forty at most', async () => {
    await inTransaction(beginSite)
    for (let number = 0; number < 43; number++)
      await inTransaction((tx) =>
        editLook(tx, owner, { ...bold, brandColour: `#0000${String(10 + number)}` }),
      )
    const looks = await publishedLooks(db())
    expect(looks).toHaveLength(40)
    expect(looks[0]?.settings.brandColour).toBe('#000052')
  })

  it('begin anew as a draft: everything as the program brings it, but the colours', async () => {
    await inTransaction(beginSite)
    await inTransaction((tx) => editLook(tx, owner, bold))
    await inTransaction((tx) => draftUsualLook(tx, owner))
    expect((await lookDraft(db())).settings).toMatchObject({
      brandColour: '#e6007e',
      paper: 'cool',
      look: 'warm',
      fonts: undefined,
    })
    expect(await siteIdentity(db())).toMatchObject({ look: 'bold' })
  })
})
