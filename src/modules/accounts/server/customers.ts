import { isId } from '#modules/platform/ids.ts'
import { cutText } from '#modules/platform/cut-text.ts'
import { oneLine } from '#modules/platform/plain-text.ts'
import { audit, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { CustomerDetail, CustomersPage } from '../types.ts'
import { avatarUrl } from './avatar-url.ts'
import * as store from './store.customer.ts'
import { lockAddress, lockMember, memberByEmail } from './store.member.ts'

/**
 * The customer a purchase lands on. memberId (who is signed in) wins over any typed address, also over the one
 * in a wallet: the member's own customer, the oldest under the present address, made where there is none.
 * Without memberId: the member whose proven address email is, else the guest of that address.
 * email: canonical. name: as told when buying; kept where none is known. Throws when memberId does not exist.
 */
export async function customerFor(
  tx: Tx,
  buyer: { memberId?: string; email: string; name?: string },
): Promise<string> {
  const name = cutText(oneLine(buyer.name ?? ''), 200) || undefined
  let memberId = buyer.memberId
  if (memberId === undefined) {
    await lockAddress(tx, buyer.email)
    const guest = await store.guestCustomer(tx, { email: buyer.email, name })
    if (guest !== undefined) return guest
    memberId = (await memberByEmail(tx, buyer.email))?.id
    if (memberId === undefined) throw new Error('An address is neither a member’s nor a guest’s.')
  }
  // Locked: of two purchases at once, the second finds the customer that the first made.
  const member = await lockMember(tx, memberId)
  if (!member) throw new Error(`A purchase names the member ${memberId}, who does not exist.`)
  return (
    (await store.customerOfMember(tx, member.id, member.email)) ??
    store.insertCustomerOfMember(tx, { memberId: member.id, email: member.email, name })
  )
}

/**
 * Everything that guests bought under an address becomes the member's, at once. Only in the transaction
 * that proves this mailbox to be the member's. Returns the customers that were claimed; [] when there were none.
 */
export async function claimPurchases(
  tx: Tx,
  memberId: string,
  email: string,
): Promise<readonly string[]> {
  await lockAddress(tx, email)
  const claimed = await store.claimGuest(tx, memberId, email)
  for (const customerId of claimed) {
    await audit(tx, {
      actor: { kind: 'member', memberId },
      action: 'customer.claimed',
      subject: { kind: 'customer', id: customerId },
    })
  }
  return claimed
}

/** All customers that are this member, oldest first, at most 200: what was bought by any of them is theirs. */
export async function customerIdsOf(db: Db, memberId: string): Promise<readonly string[]> {
  return store.customerIdsOfMember(db, memberId, 200)
}

/** All of them, with the addresses they bought under: for what has to be whole. */
export async function customerAddresses(
  db: Db,
  memberId: string,
): Promise<readonly { readonly id: string; readonly email: string }[]> {
  return store.customerAddressesOfMember(db, memberId)
}

/** Every customer behind an address: the guest's, the member's, and all others of the same member; at most 200. */
export async function customerIdsByEmail(db: Db, email: string): Promise<readonly string[]> {
  const member = await memberByEmail(db, email)
  const own = await store.customerIdsByEmail(db, email, 200)
  const ofMember = member ? await store.customerIdsOfMember(db, member.id, 200) : []
  return [...new Set([...ofMember, ...own])]
}

const pageLength = 50

/**
 * One page of customers for the owner, newest first, 50 a page. search: the beginning of an address or
 * name, any case. cursor: nextCursor of the page before; one that cannot be read starts from the top.
 */
export async function customersPage(
  db: Db,
  ask: { search?: string | undefined; cursor?: string | undefined },
): Promise<CustomersPage> {
  const search = ask.search?.normalize('NFKC').trim().toLowerCase().slice(0, 200) || undefined
  const after = ask.cursor === undefined ? undefined : readCursor(ask.cursor)
  const rows = await store.customersPage(db, { search, after, most: pageLength + 1 })
  const items = rows.slice(0, pageLength)
  const last = items.at(-1)
  return {
    items: items.map((row) => ({
      id: row.id,
      email: row.email,
      name: row.name ?? undefined,
      memberId: row.memberId ?? undefined,
      createdAt: row.createdAt,
    })),
    nextCursor:
      rows.length > pageLength && last
        ? Buffer.from(JSON.stringify([last.createdAtMicroseconds, last.id])).toString('base64url')
        : undefined,
  }
}

function readCursor(text: string): store.CustomerCursor | undefined {
  if (text.length > 200) return undefined
  let parsed: unknown
  try {
    parsed = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
  if (!Array.isArray(parsed)) return undefined
  const [createdAtMicroseconds, id] = parsed as unknown[]
  if (typeof id !== 'string' || !isId(id)) return undefined
  if (typeof createdAtMicroseconds !== 'number' || !Number.isSafeInteger(createdAtMicroseconds))
    return undefined
  return createdAtMicroseconds >= 0 ? { createdAtMicroseconds, id } : undefined
}

/** What the owner sees of one customer; what was bought is joined by the page. undefined for an unknown id. */
export async function customerDetail(
  db: Db,
  customerId: string,
): Promise<CustomerDetail | undefined> {
  if (!isId(customerId)) return undefined
  const row = await store.customerById(db, customerId)
  if (!row) return undefined
  const { memberId } = row
  return {
    id: row.id,
    email: row.email,
    name: row.name ?? undefined,
    memberId: memberId ?? undefined,
    createdAt: row.createdAt,
    claimedAt: row.claimedAt ?? undefined,
    member:
      memberId !== null && row.memberEmail !== null && row.memberSince !== null
        ? {
            id: memberId,
            email: row.memberEmail,
            name: row.memberName ?? '',
            role: row.memberRole === 'owner' ? 'owner' : 'member',
            avatarUrl: avatarUrl(row.avatarId),
            createdAt: row.memberSince,
          }
        : undefined,
    sameMember:
      memberId === null ? [] : await store.otherCustomersOfMember(db, memberId, row.id, 50),
  }
}
