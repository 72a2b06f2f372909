import { audit, overwrites, publicData, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { FrontSection, SectionsResult } from '../front-sections.ts'
import { areSame, usualSettings, type LookSettings } from '../look-settings.ts'
import { defaultBrand, defaultPaper } from '../palette.ts'
import type { LookInput } from '../schemas.ts'
import type { LookDraft, PublishedLook } from '../types.ts'
import type { Owner } from './owner.ts'
import { lockSiteRow } from './store.ts'
import { sectionsFrom, settingsFrom } from '../stored-look.ts'
import * as store from './store.looks.ts'

export const unnamed = 'A new shop'

/** The look the shop wears. */
export async function wornLook(db: Db): Promise<LookSettings> {
  const row = await store.lookColumns(db)
  return row
    ? settingsFrom(withoutNulls(row))
    : usualSettings({ brandColour: defaultBrand, paper: defaultPaper })
}

function withoutNulls(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null))
}

/** The sections of the front page as visitors see them, hidden ones too. Remembered between changes. */
export function frontSections(db: Db): Promise<readonly FrontSection[]> {
  const read = async () => sectionsFrom((await store.sectionsColumn(db))?.sections)
  return db.isTransaction ? read() : publicData('front sections', read)
}

/** What the owner works on; the published look where there is no draft. */
export async function lookDraft(db: Db): Promise<LookDraft> {
  const row = await store.draftRow(db)
  return asDraft(db, row)
}

async function asDraft(
  db: Db,
  row: { version: unknown; settings: unknown; changedAt: Date } | undefined,
): Promise<LookDraft> {
  const version = Number(row?.version ?? 0)
  if (!row || row.settings === null)
    return { settings: await wornLook(db), version, changedAt: undefined }
  return { settings: settingsFrom(row.settings), version, changedAt: row.changedAt }
}

type DraftResult =
  | { readonly ok: true; readonly version: number }
  /** Another tab changed the draft, or published it, since this one was opened. */
  | { readonly ok: false; readonly reason: 'changed_meanwhile' }

/**
 * Writes colours, look and what is chosen beside it into the draft; nobody else sees it. seen: the form's mark, of `shownLook`;
 * undefined where nobody looked at it. A draft that is what the shop wears is none.
 */
export async function draftLook(
  tx: Tx,
  _owner: Owner,
  input: LookInput,
  seen?: string,
): Promise<DraftResult> {
  const draft = await asDraft(tx, await store.lockDraftRow(tx))
  if (overwrites(seen, shownLook(draft.settings), shownLook(input)))
    return { ok: false, reason: 'changed_meanwhile' }
  return { ok: true, version: await write(tx, { ...draft.settings, ...shownLook(input) }) }
}

/** What the form about the look shows and decides; what it leaves out is as the look has it. */
export function shownLook(look: LookInput | LookSettings): Omit<LookSettings, 'sections'> {
  const { brandColour, paper, density, head, fonts, roundness, hero } = look
  return { brandColour, paper, look: look.look, density, head, fonts, roundness, hero }
}

async function write(tx: Tx, settings: LookSettings): Promise<number> {
  const isWorn = areSame(await wornLook(tx), settings)
  return store.writeDraft(tx, isWorn ? undefined : settings)
}

/** Changes the sections of the front page in the draft. seen: only where a text was typed that another tab may have typed, too. */
export async function draftSections(
  tx: Tx,
  _owner: Owner,
  change: (sections: readonly FrontSection[]) => SectionsResult,
  seen?: number,
): Promise<DraftResult | Exclude<SectionsResult, { ok: true }>> {
  const draft = await asDraft(tx, await store.lockDraftRow(tx))
  if (seen !== undefined && draft.version !== seen)
    return { ok: false, reason: 'changed_meanwhile' }
  const changed = change(draft.settings.sections)
  if (!changed.ok) return changed
  return { ok: true, version: await write(tx, { ...draft.settings, sections: changed.sections }) }
}

/** Everything as the program brings it, but the colours: a draft, to be looked at first. */
export async function draftUsualLook(tx: Tx, _owner: Owner): Promise<void> {
  const draft = await asDraft(tx, await store.lockDraftRow(tx))
  await write(tx, usualSettings(draft.settings))
}

/** Forgets the draft. */
export async function dropDraft(tx: Tx, _owner: Owner): Promise<void> {
  await store.lockDraftRow(tx)
  await store.writeDraft(tx, undefined)
}

/** The shop wears the draft from now on; every kept page is made anew. On record. seen: as it was looked at. */
export async function publishDraft(
  tx: Tx,
  owner: Owner,
  seen: number,
): Promise<
  { readonly ok: true } | { readonly ok: false; readonly reason: 'changed_meanwhile' | 'no_draft' }
> {
  const draft = await asDraft(tx, await store.lockDraftRow(tx))
  if (draft.version !== seen) return { ok: false, reason: 'changed_meanwhile' }
  if (!draft.changedAt) return { ok: false, reason: 'no_draft' }
  await wear(tx, owner, draft.settings, 'site.look_changed')
  await store.writeDraft(tx, undefined)
  return { ok: true }
}

/** Looks the shop wore, the newest first; at most 40. */
export async function publishedLooks(db: Db): Promise<PublishedLook[]> {
  const [rows, worn] = await Promise.all([store.publishedRows(db), wornLook(db)])
  return rows.map((row, at) => {
    const settings = settingsFrom(row.settings)
    return {
      number: row.number,
      settings,
      publishedAt: row.publishedAt ?? undefined,
      isWorn: at === 0 && areSame(settings, worn),
    }
  })
}

/** Wears a former look again, at once; the draft is dropped. Returns false when there is no such look (any more). */
export async function wearAgain(tx: Tx, owner: Owner, number: number): Promise<boolean> {
  await store.lockDraftRow(tx)
  const row = await store.publishedRow(tx, number)
  if (!row) return false
  await wear(tx, owner, settingsFrom(row.settings), 'site.look_worn_again')
  await store.writeDraft(tx, undefined)
  return true
}

/**
 * Changes colours and look at once, as the set-up does; sections and what else was chosen stay. The same is written into a draft
 * that is under way, so that publishing it does not bring the former colours back.
 */
export async function editLook(tx: Tx, owner: Owner, input: LookInput): Promise<void> {
  const draft = await asDraft(tx, await store.lockDraftRow(tx))
  const worn = await wornLook(tx)
  await wear(tx, owner, { ...worn, ...shownLook(input) }, 'site.look_changed')
  if (draft.changedAt)
    await write(tx, {
      ...draft.settings,
      brandColour: input.brandColour,
      paper: input.paper,
      look: input.look,
    })
}

async function wear(tx: Tx, owner: Owner, settings: LookSettings, action: string): Promise<void> {
  await lockSiteRow(tx)
  const former = await wornLook(tx)
  const [newest] = await store.publishedRows(tx)
  // What was worn so far can be worn again, too, whoever wrote it.
  if (!newest || !areSame(settingsFrom(newest.settings), former))
    await store.keepLook(tx, former, 'before')
  await store.writeLook(tx, settings, unnamed)
  if (!areSame(former, settings)) await store.keepLook(tx, settings, 'now')
  await audit(tx, {
    actor: owner,
    action,
    subject: { kind: 'site', id: 'site' },
    detail: {
      brandColour: settings.brandColour,
      paper: settings.paper,
      look: settings.look,
      density: settings.density ?? null,
      head: settings.head ?? null,
      fonts: settings.fonts ?? null,
      roundness: settings.roundness ?? null,
      hero: settings.hero ?? null,
      sections: settings.sections.length,
      formerBrandColour: former.brandColour,
    },
  })
}
