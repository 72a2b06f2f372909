import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { LookSettings } from '../look-settings.ts'

/** So many looks are kept; older ones go. */
const mostKept = 40

export function lookColumns(db: Db) {
  return db
    .selectFrom('site')
    .select([
      'brand_colour as brandColour',
      'paper',
      'look',
      'density',
      'head',
      'fonts',
      'roundness',
      'hero',
      'front_sections as sections',
    ])
    .executeTakeFirst()
}

export function sectionsColumn(db: Db) {
  return db.selectFrom('site').select('front_sections as sections').executeTakeFirst()
}

export async function writeLook(tx: Tx, look: LookSettings, nameIfNew: string): Promise<void> {
  const values = {
    brand_colour: look.brandColour,
    paper: look.paper,
    look: look.look,
    density: look.density ?? null,
    head: look.head ?? null,
    fonts: look.fonts ?? null,
    roundness: look.roundness ?? null,
    hero: look.hero ?? null,
    front_sections: JSON.stringify(look.sections),
  }
  await tx
    .insertInto('site')
    .values({ ...values, name: nameIfNew })
    .onConflict((conflict) =>
      conflict.column('only_row').doUpdateSet({ ...values, updated_at: clockNow }),
    )
    .execute()
}

export function draftRow(db: Db) {
  return db
    .selectFrom('look_draft')
    .select(['version', 'settings', 'changed_at as changedAt'])
    .executeTakeFirst()
}

/** The draft's row, made when there is none, and held until the transaction ends. */
export async function lockDraftRow(tx: Tx) {
  await tx
    .insertInto('look_draft')
    .defaultValues()
    .onConflict((conflict) => conflict.column('only_row').doNothing())
    .execute()
  return tx
    .selectFrom('look_draft')
    .select(['version', 'settings', 'changed_at as changedAt'])
    .forUpdate()
    .executeTakeFirstOrThrow()
}

/** undefined: there is no draft any more. The row is held by `lockDraftRow`. */
export async function writeDraft(tx: Tx, settings: LookSettings | undefined): Promise<number> {
  const row = await tx
    .updateTable('look_draft')
    .set((eb) => ({
      version: eb('version', '+', 1),
      settings: settings ? JSON.stringify(settings) : null,
      changed_at: clockNow,
    }))
    .returning('version')
    .executeTakeFirstOrThrow()
  return row.version
}

export function publishedRows(db: Db) {
  return db
    .selectFrom('published_look')
    .select(['number', 'settings', 'published_at as publishedAt'])
    .orderBy('number', 'desc')
    .limit(mostKept)
    .execute()
}

export function publishedRow(db: Db, number: number) {
  return db
    .selectFrom('published_look')
    .select('settings')
    .where('number', '=', number)
    .executeTakeFirst()
}

export async function keepLook(
  tx: Tx,
  settings: LookSettings,
  published: 'now' | 'before',
): Promise<void> {
  await tx
    .insertInto('published_look')
    .values({
      settings: JSON.stringify(settings),
      published_at: published === 'now' ? clockNow : null,
    })
    .execute()
  await tx
    .deleteFrom('published_look')
    .where('number', 'not in', (older) =>
      older.selectFrom('published_look').select('number').orderBy('number', 'desc').limit(mostKept),
    )
    .execute()
}
