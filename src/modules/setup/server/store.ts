import { sql } from 'kysely'
import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { SetupState } from '../types.ts'

export type StoredName =
  | 'STRIPE_SECRET_KEY'
  | 'WAITING_STRIPE_SECRET_KEY'
  | 'STRIPE_WEBHOOK_SECRET'
  | 'SMTP_URL'
  | 'MAIL_FROM'

export interface StoredSetting {
  readonly name: string
  readonly belongsTo: string
  readonly sealed: string
  readonly hint: string
}

export function storedSettings(db: Db): Promise<StoredSetting[]> {
  return db
    .selectFrom('shop_setting')
    .select(['name', 'belongs_to as belongsTo', 'sealed', 'hint'])
    .limit(50)
    .execute()
}

export async function putSetting(
  tx: Tx,
  setting: { name: StoredName; belongsTo?: string; sealed: string; hint: string },
): Promise<void> {
  const values = {
    name: setting.name,
    belongs_to: setting.belongsTo ?? '',
    sealed: setting.sealed,
    hint: setting.hint,
  }
  await tx
    .insertInto('shop_setting')
    .values(values)
    .onConflict((conflict) =>
      conflict
        .columns(['name', 'belongs_to'])
        .doUpdateSet({ sealed: values.sealed, hint: values.hint, updated_at: clockNow }),
    )
    .execute()
}

/** belongsTo undefined: all of the name. Returns whether there was one. */
export async function dropSetting(tx: Tx, name: StoredName, belongsTo?: string): Promise<boolean> {
  let query = tx.deleteFrom('shop_setting').where('name', '=', name)
  if (belongsTo !== undefined) query = query.where('belongs_to', '=', belongsTo)
  const gone = await query.executeTakeFirst()
  return gone.numDeletedRows > 0n
}

const setupColumns = [
  'uses_keys as usesKeys',
  'went_live_at as wentLiveAt',
  'steps_done as done',
  'steps_skipped as skipped',
  'checklist_closed_at as checklistClosedAt',
  'keys_checked_at as keysCheckedAt',
  'mail_tested_at as mailTestedAt',
  'mail_tested_to as mailTestedTo',
] as const

const untouched: SetupState = {
  usesKeys: false,
  wentLiveAt: undefined,
  done: [],
  skipped: [],
  checklistClosedAt: undefined,
  keysCheckedAt: undefined,
  mailTestedAt: undefined,
  mailTestedTo: undefined,
}

export async function setupState(db: Db): Promise<SetupState> {
  const row = await db.selectFrom('shop_setup').select(setupColumns).executeTakeFirst()
  return row ? withoutNulls(row) : untouched
}

/** The same, held until the transaction ends. */
export async function lockSetup(tx: Tx): Promise<SetupState> {
  await tx
    .insertInto('shop_setup')
    .defaultValues()
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const row = await tx
    .selectFrom('shop_setup')
    .select(setupColumns)
    .forUpdate()
    .executeTakeFirstOrThrow()
  return withoutNulls(row)
}

interface SetupRow {
  usesKeys: boolean
  wentLiveAt: Date | null
  done: string[]
  skipped: string[]
  checklistClosedAt: Date | null
  keysCheckedAt: Date | null
  mailTestedAt: Date | null
  mailTestedTo: string | null
}

function withoutNulls(row: SetupRow): SetupState {
  return {
    usesKeys: row.usesKeys,
    wentLiveAt: row.wentLiveAt ?? undefined,
    done: row.done,
    skipped: row.skipped,
    checklistClosedAt: row.checklistClosedAt ?? undefined,
    keysCheckedAt: row.keysCheckedAt ?? undefined,
    mailTestedAt: row.mailTestedAt ?? undefined,
    mailTestedTo: row.mailTestedTo ?? undefined,
  }
}

export async function writeUsesKeys(tx: Tx, usesKeys: boolean): Promise<void> {
  await tx.updateTable('shop_setup').set({ uses_keys: usesKeys }).execute()
}

export async function markWentLive(tx: Tx, isLive: boolean): Promise<void> {
  await tx
    .updateTable('shop_setup')
    .set({ went_live_at: isLive ? clockNow : null })
    .execute()
}

export async function markKeysChecked(tx: Tx, isChecked: boolean): Promise<void> {
  await tx
    .updateTable('shop_setup')
    .set({ keys_checked_at: isChecked ? clockNow : null })
    .execute()
}

export async function markMailTested(tx: Tx, to: string | undefined): Promise<void> {
  await tx
    .updateTable('shop_setup')
    .set({ mail_tested_at: to === undefined ? null : clockNow, mail_tested_to: to ?? null })
    .execute()
}

export async function writeSteps(
  tx: Tx,
  steps: { done: readonly string[]; skipped: readonly string[] },
): Promise<void> {
  await tx
    .updateTable('shop_setup')
    .set({ steps_done: [...steps.done], steps_skipped: [...steps.skipped] })
    .execute()
}

export async function closeChecklist(tx: Tx): Promise<void> {
  await tx.updateTable('shop_setup').set({ checklist_closed_at: clockNow }).execute()
}

/** Whether real money was ever taken, or is being taken right now: the same the database asks before it lets anything be emptied. */
export async function hasLiveMoney(db: Db): Promise<boolean> {
  const { rows } = await sql<{ live: boolean }>`
    select exists (select from shop_order where mode = 'live')
      or exists (select from payment join stripe_backend on stripe_backend.id = payment.backend_id
        where stripe_backend.mode = 'live')
      or exists (select from checkout join stripe_backend on stripe_backend.id = checkout.backend_id
        where stripe_backend.mode = 'live' and checkout.state in ('open', 'awaiting_payment', 'paid')) as live
  `.execute(db)
  return rows[0]?.live ?? false
}

/** The account (as the backend is called) that took real money; undefined when none did. */
export async function accountOfLiveMoney(db: Db): Promise<string | undefined> {
  const row = await db
    .selectFrom('payment')
    .innerJoin('stripe_backend', 'stripe_backend.id', 'payment.backend_id')
    .select('stripe_backend.account')
    .where('stripe_backend.mode', '=', 'live')
    .limit(1)
    .executeTakeFirst()
  return row?.account
}

/** The waiting key takes the place of the one in force, as it was sealed. */
export async function bringKeyIntoForce(tx: Tx): Promise<void> {
  const waiting = await tx
    .deleteFrom('shop_setting')
    .where('name', '=', 'WAITING_STRIPE_SECRET_KEY')
    .returning(['sealed', 'hint'])
    .executeTakeFirst()
  if (waiting) await putSetting(tx, { name: 'STRIPE_SECRET_KEY', ...waiting })
}

/** Pages that tell of the shop's mode are made anew. */
export async function showModeAnew(tx: Tx): Promise<void> {
  await sql`update public_version set version = version + 1`.execute(tx)
  await sql`select pg_notify('public_version', '')`.execute(tx)
}

/** What the checklist asks about the shop's data; each an indexed question for one row. */
export async function setupQuestions(db: Db): Promise<{
  readonly hasOwnProduct: boolean
  readonly hasExamples: boolean
  readonly hasTestSale: boolean
  readonly hasSecondFactor: boolean
}> {
  const { rows } = await sql<{
    own: boolean
    examples: boolean
    sale: boolean
    factor: boolean
  }>`select
      exists (select from product where not is_example and state = 'live') as own,
      exists (select from product where is_example) as examples,
      exists (select from shop_order) or (select went_live_at is not null from shop_setup) as sale,
      exists (select from member where role = 'owner' and (
        exists (select from totp_factor f where f.member_id = member.id and f.confirmed_at is not null)
        or exists (select from passkey p where p.member_id = member.id))) as factor`.execute(db)
  const row = rows[0]
  return {
    hasOwnProduct: row?.own ?? false,
    hasExamples: row?.examples ?? false,
    hasTestSale: row?.sale ?? false,
    hasSecondFactor: row?.factor ?? false,
  }
}
