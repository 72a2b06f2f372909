import { sql } from 'kysely'
import type { Db } from '#modules/platform/server/index.ts'

/** Whether the member has an active right, not ended yet, to any of these; subjectIds 'any': to whatever there is of the benefit. */
export async function memberMayUseAny(
  db: Db,
  memberId: string,
  wanted: readonly { readonly benefit: string; readonly subjectIds: readonly string[] | 'any' }[],
): Promise<boolean> {
  if (wanted.length === 0) return false
  const fits = wanted.map(({ benefit, subjectIds }) =>
    subjectIds === 'any'
      ? sql`entitlement.benefit = ${benefit}`
      : sql`(entitlement.benefit = ${benefit} and entitlement.subject_id = any(${subjectIds}::uuid[]))`,
  )
  const { rows } = await sql<{ open: boolean }>`
    select exists (
      select from entitlement join customer on customer.id = entitlement.customer_id
      where customer.member_id = ${memberId}::uuid and entitlement.state = 'active'
        and entitlement.starts_at <= clock_now() and (entitlement.ends_at is null or entitlement.ends_at > clock_now())
        and (${sql.join(fits, sql` or `)})
    ) as open`.execute(db)
  return rows[0]?.open === true
}
