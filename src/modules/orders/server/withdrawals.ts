import { ownerAddress } from '#modules/accounts/server/index.ts'
import type { OwnerActor } from '#modules/accounts/types.ts'
import { isId, newId } from '#modules/platform/ids.ts'
import { readPage, type ListPage, type Turn } from '#modules/platform/paging.ts'
import { audit, queueMail, type Db, type Tx } from '#modules/platform/server/index.ts'
import {
  ownerWithdrawalMail,
  withdrawalDecidedMail,
  withdrawalReceivedMail,
} from './mails/withdrawal.ts'
import {
  decideRow,
  findWithdrawal,
  insertWithdrawal,
  openOfOrder,
  orderByNumberAndEmail,
  withdrawalRows,
  type Withdrawal,
} from './store.withdrawals.ts'

export type { Withdrawal } from './store.withdrawals.ts'

export interface Declaration {
  /** Made when the form was shown: the same declaration sent twice arrives once. */
  readonly id: string
  /** Canonical. */
  readonly email: string
  readonly name: string
  /** The order's number as it was typed; '' where they do not know it. */
  readonly order: string
  readonly words: string
}

/**
 * Takes a consumer's declaration that they withdraw from a contract. It counts from the moment it is received, whatever fits
 * it here; they get its words and the instant by mail at once, and the owner is told. Nobody learns from the answer whether an
 * order exists. Source: Directive 2011/83/EU, Articles 11 and 11a.
 */
export async function receiveWithdrawal(
  tx: Tx,
  declaration: Declaration,
  network: string,
): Promise<Withdrawal> {
  const number = /^#?\s*(\d{1,15})$/.exec(declaration.order.trim())?.[1]
  const orderId =
    number === undefined
      ? undefined
      : await orderByNumberAndEmail(tx, Number(number), declaration.email)
  const given = {
    orderId,
    orderTyped: declaration.order.trim(),
    email: declaration.email,
    name: declaration.name,
    words: declaration.words,
    network,
  }
  const inserted = await insertWithdrawal(tx, { id: declaration.id, ...given })
  const before = inserted ? undefined : await findWithdrawal(tx, declaration.id)
  if (before?.email === given.email) return before
  // Somebody else's number: whatever made it so, this declaration counts as well.
  const withdrawal = inserted ?? (await insertWithdrawal(tx, { id: newId(), ...given }))
  if (!withdrawal) throw new Error('A new id was taken already.')
  await queueMail(tx, withdrawalReceivedMail(withdrawal))
  const owner = await ownerAddress(tx)
  if (owner) await queueMail(tx, ownerWithdrawalMail(withdrawal, owner))
  return withdrawal
}

/** All declarations for the owner, newest first, 50 a page. */
export async function withdrawalsPage(db: Db, turn: Turn): Promise<ListPage<Withdrawal>> {
  const from = isId(turn.older ?? turn.newer ?? '') ? turn : {}
  return readPage(from, 50, (reach) => withdrawalRows(db, reach))
}

/** One declaration; undefined for an id that is none. */
export async function withdrawalById(db: Db, id: string): Promise<Withdrawal | undefined> {
  return isId(id) ? findWithdrawal(db, id) : undefined
}

/** The declaration about an order that is not decided yet. */
export async function openWithdrawalOf(db: Db, orderId: string): Promise<Withdrawal | undefined> {
  return openOfOrder(db, orderId)
}

/**
 * Decides a declaration, once; the consumer is told with the owner's words. Accepting moves no money by itself: the refund is
 * the next step, with its own preview. false: it was decided before, or there is none.
 */
export async function decideWithdrawal(
  tx: Tx,
  owner: OwnerActor,
  id: string,
  to: { readonly state: 'accepted' | 'declined'; readonly decision: string },
): Promise<boolean> {
  if (!isId(id) || !(await decideRow(tx, id, { ...to, decidedBy: owner.memberId }))) return false
  const withdrawal = await findWithdrawal(tx, id)
  if (!withdrawal) return false
  await queueMail(tx, withdrawalDecidedMail(withdrawal))
  await audit(tx, {
    actor: { kind: 'owner', memberId: owner.memberId },
    action: `withdrawal.${to.state}`,
    subject: { kind: 'withdrawal', id },
    detail: { email: withdrawal.email, decision: to.decision },
  })
  return true
}
