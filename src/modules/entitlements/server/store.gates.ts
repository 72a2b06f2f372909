import { sql, type RawBuilder } from 'kysely'
import type { Db } from '#modules/platform/server/index.ts'

/** subjectIds 'any': whatever there is of the benefit. */
type Wanted = readonly {
  readonly benefit: string
  readonly subjectIds: readonly string[] | 'any'
}[]

/** Whether the member has an active right, not ended yet, to any of these. */
export async function memberMayUseAny(db: Db, memberId: string, wanted: Wanted): Promise<boolean> {
  return (await memberMayUseAnyBeside(db, memberId, wanted, sql<null>`null::text`)).isOpen
}

/**
 * The same, with a value that is asked for in the same statement: where a page is read often, each statement counts. The value comes
 * back whether the member has a right or not; undefined only when nothing is wanted.
 */
export async function memberMayUseAnyBeside<Value>(
  db: Db,
  memberId: string,
  wanted: Wanted,
  beside: RawBuilder<Value>,
): Promise<{ readonly isOpen: boolean; readonly beside: Value | undefined }> {
  if (wanted.length === 0) return { isOpen: false, beside: undefined }
  const fits = wanted.map(({ benefit, subjectIds }) =>
    subjectIds === 'any'
      ? sql`entitlement.benefit = ${benefit}`
      : sql`(entitlement.benefit = ${benefit} and entitlement.subject_id = any(${subjectIds}::uuid[]))`,
  )
  const { rows } = await sql<{ open: boolean; beside: Value }>`
    select exists (
      select from entitlement join customer on customer.id = entitlement.customer_id
      where customer.member_id = ${memberId}::uuid and entitlement.state = 'active'
        and entitlement.starts_at <= clock_now() and (entitlement.ends_at is null or entitlement.ends_at > clock_now())
        and (${sql.join(fits, sql` or `)})
    ) as open, ${beside} as beside`.execute(db)
  return { isOpen: rows[0]?.open === true, beside: rows[0]?.beside }
}
