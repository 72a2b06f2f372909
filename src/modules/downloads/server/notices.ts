import { acting } from '#modules/catalog/server/index.ts'
import type { Keeper } from '#modules/catalog/types.ts'
import { isId } from '#modules/platform/ids.ts'
import { readPage, type ListPage, type Turn } from '#modules/platform/paging.ts'
import {
  audit,
  inTransaction,
  queueMail,
  type Db,
  type Tx,
} from '#modules/platform/server/index.ts'
import { isDownload } from './contents.ts'
import { versionReadyMail } from './mails/version-ready.ts'
import {
  countAudience,
  findNotice,
  findToldVersion,
  finishNotice,
  holders,
  listPeople,
  markPeople,
  startNotice,
  stopNotice,
  takeNotice,
  waitingPeople,
  type Holder,
  type Notice,
  type ToldVersion,
} from './store.notices.ts'
import type { Audience } from '../types.ts'

export type { Holder, Notice, ToldVersion } from './store.notices.ts'

/** Mails of one step, and the pause after it, over all processes: about 240 a minute, so that a mail server is not flooded. */
const aStep = { people: 20, pauseMs: 5_000 }

/** A version with who has it, and how far the telling of it is; undefined when there is no such version (any more). */
export async function versionOverview(
  db: Db,
  productId: string,
  versionId: string,
): Promise<
  | {
      readonly version: ToldVersion
      readonly audience: Audience
      readonly notice: Notice | undefined
    }
  | undefined
> {
  if (!isId(productId) || !isId(versionId)) return undefined
  const version = await findToldVersion(db, productId, versionId)
  if (!version) return undefined
  const [audience, notice] = [await countAudience(db, version), await findNotice(db, versionId)]
  return { version, audience, notice }
}

/** Who may open the product and has fetched this version or not, by address, 50 a page. */
export async function holdersOfVersion(
  db: Db,
  version: ToldVersion,
  which: 'all' | 'fetched' | 'not_fetched',
  turn: Turn,
): Promise<ListPage<Holder>> {
  const from = isId(turn.older ?? turn.newer ?? '') ? turn : {}
  return readPage(from, 50, (reach) => holders(db, version, which, reach))
}

export type TellResult =
  | { readonly ok: true; readonly people: number }
  | { readonly ok: false; readonly reason: 'not_found' | 'not_newest' | 'nobody' }

/**
 * Tells everybody who bought the product before this version was there, has not fetched it and may open it now: one mail a
 * person, once for this version, whatever is pressed how often and whatever number of orders they own it by. The mails leave
 * in steps (tellOn); this makes the list, on record. Goes on with one that was stopped. not_newest: a newer version is there.
 */
export async function tellBuyers(
  tx: Tx,
  by: Keeper,
  of: { readonly productId: string; readonly versionId: string },
): Promise<TellResult> {
  if (!isId(of.versionId) || !(await isDownload(tx, of.productId)))
    return { ok: false, reason: 'not_found' }
  const version = await findToldVersion(tx, of.productId, of.versionId)
  if (!version) return { ok: false, reason: 'not_found' }
  if (!version.isNewest) return { ok: false, reason: 'not_newest' }
  const before = await findNotice(tx, version.id)
  const listed = await listPeople(tx, version)
  const people = listed + (before?.waiting ?? 0)
  if (people === 0) return { ok: false, reason: 'nobody' }
  if (listed === 0 && before?.state === 'running') return { ok: true, people } // pressed twice
  await startNotice(tx, version.id, by === 'system' ? null : by.memberId)
  await audit(tx, {
    actor: acting(by),
    action: before ? 'version.told_on' : 'version.told',
    subject: { kind: 'product', id: of.productId },
    detail: { version: version.label, item: version.itemTitle, people },
  })
  return { ok: true, people }
}

/** Stops telling; who was told stays told, the others wait until it is asked for again. On record. */
export async function stopTelling(
  tx: Tx,
  by: Keeper,
  of: { readonly productId: string; readonly versionId: string },
): Promise<boolean> {
  if (!isId(of.versionId)) return false
  const version = await findToldVersion(tx, of.productId, of.versionId)
  if (!version || !(await stopNotice(tx, version.id))) return false
  await audit(tx, {
    actor: acting(by),
    action: 'version.telling_stopped',
    subject: { kind: 'product', id: of.productId },
    detail: { version: version.label, item: version.itemTitle },
  })
  return true
}

/**
 * One step of one running notice: the next few people get their mail into the outbox, in the transaction that notes it; a kill
 * in between loses and doubles nothing. Ends with a removed version, and when nobody waits. Returns how many were told.
 */
export async function tellOn(): Promise<number> {
  return inTransaction(async (tx) => {
    const taken = await takeNotice(tx, aStep.pauseMs)
    if (!taken) return 0
    const version = await findToldVersion(tx, taken.productId, taken.versionId)
    if (!version?.isNewest) {
      // Removed, or overtaken by a newer one: nobody is told of it any more.
      await stopNotice(tx, taken.versionId)
      return 0
    }
    const people = await waitingPeople(tx, version.id, aStep.people)
    const toBeTold = people.filter((one) => one.isToBeTold)
    for (const one of toBeTold)
      await queueMail(
        tx,
        versionReadyMail({
          ...version,
          versionId: version.id,
          person: one.person,
          to: one.address,
          entitlementId: one.entitlementId,
        }),
      )
    await markPeople(
      tx,
      version.id,
      toBeTold.map((one) => one.person),
      'told',
    )
    await markPeople(
      tx,
      version.id,
      people.filter((one) => !one.isToBeTold).map((one) => one.person),
      'left_out',
    )
    if (people.length < aStep.people) await finishNotice(tx, version.id)
    return toBeTold.length
  })
}
