import { sql } from 'kysely'
import type { Db, Tx } from '#modules/platform/server/index.ts'
import { keptTables, sweptTables } from '../sweep-tables.ts'
import type { RehearsalCounts } from '../types.ts'

/** Tables that are emptied: those named, those that refer to them, and so on. Never one that is kept. */
export async function tablesToSweep(db: Db): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    with recursive swept(id) as (
      select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'public' and c.relkind = 'r' and c.relname = any(${[...sweptTables]})
      union
      select fk.conrelid from pg_constraint fk join swept on fk.confrelid = swept.id where fk.contype = 'f'
    )
    select c.relname::text as name from pg_class c join swept on swept.id = c.oid order by 1
  `.execute(db)
  const names = rows.map((row) => row.name)
  const kept = names.filter((name) => keptTables.some((one) => one === name))
  if (kept.length > 0)
    throw new Error(`Kept tables refer to tables that going live empties: ${kept.join(', ')}`)
  return names
}

/** All tables of the shop's schema. */
export async function allTables(db: Db): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select tablename::text as name from pg_tables where schemaname = 'public' order by 1`.execute(
    db,
  )
  return rows.map((row) => row.name)
}

/** Longest wait for readers that are in the middle of a page; then the owner is asked to press again. */
const lockLimitMs = 3_000

/**
 * Empties them in one statement. The database refuses it as soon as real money is in the shop
 * (refuse_emptying_after_live_sales). Throws lock_not_available (55P03) when readers do not let go in time.
 */
export async function emptyTables(tx: Tx, names: readonly string[]): Promise<void> {
  await sql`set local lock_timeout = ${sql.raw(String(lockLimitMs))}`.execute(tx)
  await sql`truncate ${sql.join(
    names.map((name) => sql.table(name)),
    sql`, `,
  )} restart identity`.execute(tx)
  await sql`alter sequence order_number restart`.execute(tx)
  // Stripe, or the sandbox until it has forgotten, goes on telling of what is swept away here: it is not taken up again.
  await tx
    .updateTable('stripe_backend')
    .set({ sweeps: sql<number>`sweeps + 1` })
    .where('mode', '<>', 'live')
    .execute()
  // Figures of the past are remembered by this number.
  await sql`update numbers_version set version = version + 1`.execute(tx)
  await sql`set local lock_timeout = 0`.execute(tx)
}

export async function giveCouponsBack(tx: Tx): Promise<void> {
  await tx.updateTable('coupon').set({ uses: 0 }).where('uses', '>', 0).execute()
}

/** Members of the rehearsal with all that hangs on them. */
export async function removeMembersButOwner(tx: Tx): Promise<number> {
  const gone = await tx.deleteFrom('member').where('role', '<>', 'owner').executeTakeFirst()
  return Number(gone.numDeletedRows)
}

/**
 * The owner's sessions in real time: what the rehearsal's clock dated into the future would otherwise count as fresh, or as
 * living, for all the time it was moved by. movedBy: in milliseconds.
 */
export async function takeSessionsBack(tx: Tx, movedBy: number): Promise<void> {
  if (movedBy === 0) return
  await sql`update member_session set
      created_at = least(created_at, machine_now()),
      renewed_at = least(renewed_at, machine_now()),
      proven_at = least(proven_at, machine_now() - interval '1 hour'),
      factor_proven_at = least(factor_proven_at, machine_now() - interval '1 hour'),
      expires_at = greatest(expires_at - ${movedBy} * interval '1 millisecond', machine_now() + interval '1 day')`.execute(
    tx,
  )
  await sql`update known_device set first_seen_at = least(first_seen_at, machine_now()), last_seen_at = least(last_seen_at, machine_now())`.execute(
    tx,
  )
}

export async function clockOffset(db: Db): Promise<number> {
  const row = await db.selectFrom('clock').select('offset_ms').executeTakeFirst()
  return row?.offset_ms ?? 0
}

/** No sale is begun any more at a backend the shop leaves. kept: the modes that stay. */
export async function closeBackends(
  tx: Tx,
  left: readonly ('rehearsal' | 'test')[],
): Promise<void> {
  await tx
    .updateTable('stripe_backend')
    .set({ closed_at: sql<Date>`coalesce(closed_at, clock_now())` })
    .where('mode', 'in', left)
    .execute()
}

export async function openBackend(tx: Tx, mode: 'test' | 'live', account: string): Promise<void> {
  await tx
    .updateTable('stripe_backend')
    .set({ closed_at: null })
    .where('mode', '=', mode)
    .where('account', '=', account)
    .execute()
}

/** The rehearsal takes sales again. */
export async function openRehearsal(tx: Tx): Promise<void> {
  await tx
    .updateTable('stripe_backend')
    .set({ closed_at: null })
    .where('mode', '=', 'rehearsal')
    .execute()
}

/** Whether a rehearsal was left for good: then what its sandbox kept is of no use any more. */
export async function isRehearsalClosed(db: Db): Promise<boolean> {
  const row = await db
    .selectFrom('stripe_backend')
    .select('id')
    .where('mode', '=', 'rehearsal')
    .where('closed_at', 'is not', null)
    .executeTakeFirst()
  return row !== undefined
}

/** The example customers' cards and addresses that the built-in sandbox kept. Returns whether there was anything. */
export async function dropSandboxStore(tx: Tx): Promise<boolean> {
  const { rows } = await sql<{ there: boolean }>`
    select exists (select from pg_namespace where nspname = ${sandboxSchema}) as there`.execute(tx)
  if (!rows[0]?.there) return false
  await sql`drop schema ${sql.id(sandboxSchema)} cascade`.execute(tx)
  return true
}

/** Where the built-in sandbox keeps its state (sandbox/stripe/store). */
const sandboxSchema = 'stripe_sandbox'

/** Counting stops at this many: the page says "more than". */
const mostCounted = 10_000

export async function rehearsalCounts(db: Db): Promise<RehearsalCounts> {
  const count = (table: string, where = sql`true`) =>
    sql`(select count(*) from (select from ${sql.table(table)} where ${where} limit ${mostCounted}) counted)`
  const { rows } = await sql<RehearsalCounts>`select
      ${count('shop_order')} as orders,
      ${count('customer')} as customers,
      ${count('member', sql`role <> 'owner'`)} as members,
      ${count('entitlement')} as entitlements,
      ${count('email_message')} as mails,
      ${count('coupon_use')} as "couponUses",
      ${count('access_log')} as downloads,
      (select offset_ms <> 0 from clock) as "isClockMoved"`.execute(db)
  const row = rows[0]
  if (!row) throw new Error('Counting gave no row.')
  return row
}
