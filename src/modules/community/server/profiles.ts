import { newId } from '#modules/platform/ids.ts'
import { sha256, type Db, type Tx } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { handleOf, nameFault } from '../profile-rules.ts'
import type { Member, Person, Profile } from '../types.ts'
import { findPerson, findProfile, putProfile } from './store.profiles.ts'

/** What a member shows; undefined until they chose or commented: then nothing is shown. */
export async function profileOf(db: Db, member: Member): Promise<Profile | undefined> {
  return findProfile(db, member.memberId)
}

/** Stores what a member chose to show. Refused in words where the name cannot be taken. */
export async function saveProfile(
  tx: Tx,
  member: Member,
  wished: Omit<Profile, 'handle'>,
): Promise<
  { readonly ok: true; readonly handle: string } | { readonly ok: false; readonly words: string }
> {
  const fault = await faultOf(tx, member, wished.name)
  if (fault) return { ok: false, words: fault }
  const handle = (await findProfile(tx, member.memberId))?.handle ?? freshHandle(wished.name)
  await putProfile(tx, member.memberId, { ...wished, handle })
  return { ok: true, handle }
}

/** Sees to it that something stands beside a member's comments; the owner is named as the shop names them. */
export async function nameForComments(
  tx: Tx,
  member: Member,
  name: string,
): Promise<{ readonly ok: true } | { readonly ok: false; readonly words: string }> {
  if (member.kind === 'owner' || (await findProfile(tx, member.memberId))) return { ok: true }
  const fault = await faultOf(tx, member, name)
  if (fault) return { ok: false, words: fault }
  await putProfile(tx, member.memberId, {
    handle: freshHandle(name),
    name,
    about: '',
    isShown: false,
    showsPicture: false,
    mailsReplies: true,
    mailsComments: true,
  })
  return { ok: true }
}

/** The page about a member; undefined where nobody shows one under this name. */
export async function personAt(db: Db, handle: string): Promise<Person | undefined> {
  if (!/^[a-z0-9][a-z0-9-]{1,59}$/.test(handle)) return undefined
  const found = await findPerson(db, handle)
  if (!found) return undefined
  const { avatarId, ...person } = found
  return { ...person, avatarUrl: avatarId === null ? undefined : `/avatars/${avatarId}` }
}

async function faultOf(db: Db, member: Member, name: string): Promise<string | undefined> {
  const site = await siteIdentity(db)
  return nameFault(name, member.kind === 'owner' ? [] : [site.name, site.ownerName])
}

/** Eight digits of a digest of something random: of the same name there may be thousands. */
function freshHandle(name: string): string {
  return handleOf(name, sha256(newId()).slice(0, 8))
}
