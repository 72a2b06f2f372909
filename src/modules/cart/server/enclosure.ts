import { rememberQuestion } from '#modules/catalog/server/index.ts'
import { insertGiftWords } from '#modules/orders/server/index.ts'
import { enclosureRoom } from '#modules/payments/server/index.ts'
import type { Checkout, CheckoutLine } from '#modules/payments/types.ts'
import { now, seal, sealable, unseal, type Tx } from '#modules/platform/server/index.ts'
import { enclosed, readEnclosed, type Agreement } from '../enclosed.ts'
import { insertAnswers, insertConsents } from './store.ts'

// Sealed: Stripe keeps it and cannot read it. Bound to the checkout, so that it opens beside no other sale.
const purpose = (checkoutId: string) => `enclosed with the sale ${checkoutId}`

/** What the note of this checkout at Stripe encloses; undefined when nothing was agreed to, answered or given. */
export async function enclosureFor(
  tx: Tx,
  checkoutId: string,
  lines: number,
  agreement: Agreement,
): Promise<string | undefined> {
  const { consents, answers, gift } = agreement
  if (consents.length + answers.length === 0 && !gift) return undefined
  const room = sealable(enclosureRoom(lines))
  return seal(purpose(checkoutId), enclosed(agreement, await now(tx), room))
}

/**
 * Writes down again what a lost checkout's note encloses. Returns what is missing all the same, in words. Throws for an
 * enclosure of another version of this program: a gift must not become the buyer's by guess.
 */
export async function takeUpEnclosure(
  tx: Tx,
  checkout: Checkout,
  lines: readonly CheckoutLine[],
  enclosure: string,
): Promise<string | undefined> {
  const text = unseal(purpose(checkout.id), enclosure)
  const read = text === undefined ? undefined : readEnclosed(text)
  if (!read)
    throw new Error(
      `What was agreed to with sale ${checkout.id} was noted by another version of this program: start that one.`,
    )
  await insertConsents(tx, checkout.id, read.consents, { at: read.at, network: undefined })
  const answers = []
  for (const { position, questionId, question, answer } of read.answers) {
    const line = lines[position]
    if (!line) throw new Error(`Sale ${checkout.id} has no line ${position}.`)
    const words = await rememberQuestion(tx, {
      id: questionId,
      productId: line.bundle?.productId ?? line.productId,
      question: question ?? 'A question',
    })
    answers.push({ position, questionId, question: question ?? words, answer })
  }
  await insertAnswers(tx, checkout.id, answers)
  if (read.gift) await insertGiftWords(tx, checkout.id, read.gift)
  if (read.missing === 0) return undefined
  return read.missing === 1
    ? 'one answer did not fit into the note'
    : `${read.missing} answers did not fit into the note`
}
