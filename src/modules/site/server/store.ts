import { sql } from 'kysely'
import { clockNow, sqlState, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { SiteInput } from '../schemas.ts'

/** The shop's one row; undefined before anything was written. */
export function siteRow(db: Db) {
  return db
    .selectFrom('site')
    .select([
      'name',
      'sentence',
      'about_md as aboutMd',
      'owner_name as ownerName',
      'contact_email as contactEmail',
      'time_zone as timeZone',
      'locale',
      'currency',
      'brand_colour as brandColour',
      'paper',
      'look',
      'density',
      'head',
      'fonts',
      'roundness',
      'hero',
      'is_published as isPublished',
      'offers_withdrawal as offersWithdrawal',
      'asks_terms as asksTerms',
      'asks_immediate_delivery as asksImmediateDelivery',
    ])
    .executeTakeFirst()
}

/** The same, held until the transaction ends: two edits at once come after each other. */
export function lockSiteRow(tx: Tx) {
  return tx
    .selectFrom('site')
    .select(['name', 'currency', 'brand_colour', 'paper'])
    .forUpdate()
    .executeTakeFirst()
}

/**
 * Writes the row. Returns false, having changed nothing, when the database refused a change of currency: its
 * trigger knows of sales, which this module may not ask about.
 */
export async function writeSiteUnlessCurrencyIsFixed(tx: Tx, input: SiteInput): Promise<boolean> {
  // The savepoint keeps the caller's transaction alive after a refusal.
  await sql`savepoint site_row`.execute(tx)
  try {
    await writeSite(tx, input)
  } catch (error) {
    if (sqlState(error) !== restrictViolation) throw error
    await sql`rollback to savepoint site_row`.execute(tx)
    return false
  }
  await sql`release savepoint site_row`.execute(tx)
  return true
}

const restrictViolation = '23001'

async function writeSite(tx: Tx, input: SiteInput): Promise<void> {
  const values = valuesOf(input)
  await tx
    .insertInto('site')
    .values(values)
    .onConflict((conflict) =>
      conflict.column('only_row').doUpdateSet({ ...values, updated_at: clockNow }),
    )
    .execute()
}

/** Returns false when there is a row already; that one stays. */
export async function insertSite(tx: Tx, input: SiteInput): Promise<boolean> {
  const inserted = await tx
    .insertInto('site')
    .values(valuesOf(input))
    .onConflict((conflict) => conflict.column('only_row').doNothing())
    .executeTakeFirst()
  return Number(inserted.numInsertedOrUpdatedRows ?? 0) === 1
}

function valuesOf(input: SiteInput) {
  return {
    name: input.name,
    sentence: input.sentence,
    about_md: input.aboutMd,
    owner_name: input.ownerName,
    contact_email: input.contactEmail ?? null,
    time_zone: input.timeZone,
    locale: input.locale,
    currency: input.currency,
  }
}

export async function writeAsked(
  tx: Tx,
  asked: {
    readonly asksTerms: boolean
    readonly asksImmediateDelivery: boolean
    readonly offersWithdrawal: boolean
  },
  nameIfNew: string,
): Promise<void> {
  const values = {
    asks_terms: asked.asksTerms,
    asks_immediate_delivery: asked.asksImmediateDelivery,
    offers_withdrawal: asked.offersWithdrawal,
  }
  await tx
    .insertInto('site')
    .values({ ...values, name: nameIfNew })
    .onConflict((conflict) =>
      conflict.column('only_row').doUpdateSet({ ...values, updated_at: clockNow }),
    )
    .execute()
}
