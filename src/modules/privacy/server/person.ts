import { customerAddresses } from '#modules/accounts/server/index.ts'
import type { Db } from '#modules/platform/server/index.ts'
import type { Person } from '../types.ts'

export async function personOf(
  db: Db,
  member: { readonly memberId: string; readonly email: string },
): Promise<Person> {
  const customers = await customerAddresses(db, member.memberId)
  return {
    memberId: member.memberId,
    email: member.email,
    customerIds: customers.map(({ id }) => id),
    addresses: [...new Set([member.email, ...customers.map(({ email }) => email)])],
  }
}
