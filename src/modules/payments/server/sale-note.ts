import { z } from 'zod'
import { isId } from '#modules/platform/ids.ts'
import { isSigned, sign } from '#modules/platform/server/index.ts'
import { mostCheckoutLines, type CheckoutLine } from '../types.ts'

/** What a checkout is about: enough to write its row anew. */
export interface Sale {
  readonly payable: string
  readonly currency: string
  readonly memberId: string | undefined
  readonly couponCode: string | undefined
  readonly lines: readonly CheckoutLine[]
  /** What else its seller wants to know again; printable text of at most enclosureRoom(). */
  readonly enclosure: string | undefined
}

export type Note = Readonly<Record<string, string>>

/** Stripe keeps at most 50 notes an object, each of at most 500 characters. Source: docs.stripe.com/metadata. */
const longestNote = 500
const mostNotes = 50
/** payable, currency, member, coupon, sweeps, seal, and the checkout's id that the gateway adds. */
const fixedNotes = 7

/** How many characters may be enclosed in the note of a sale with so many lines. */
export function enclosureRoom(lines: number): number {
  return Math.max(0, mostNotes - fixedNotes - lines) * longestNote
}

/**
 * What is written beside a session at Stripe, so that a shop whose database came back from an older copy finds the sales made
 * since. Sealed: another shop on the same Stripe account, or an edited note, is not believed. Empty for a sale too large for it.
 * sweeps: how often the backend has been swept (sweepsOf()).
 */
export function saleNote(checkoutId: string, sale: Sale, sweeps: number): Note {
  const lines = sale.lines.map((line) =>
    JSON.stringify([
      line.productId,
      line.priceId,
      line.kind,
      line.title,
      line.quantity,
      line.unitMinor,
      ...(line.discountMinor > 0 || line.bundle
        ? [
            line.discountMinor,
            ...(line.bundle ? [line.bundle.productId, line.bundle.title, line.bundle.at] : []),
          ]
        : []),
    ]),
  )
  if (lines.length > mostCheckoutLines || lines.some((line) => line.length > longestNote)) return {}
  const member = sale.memberId ?? ''
  const coupon = sale.couponCode ?? ''
  const enclosure = sale.enclosure ?? ''
  if (enclosure.length > enclosureRoom(lines.length) || !/^[!-~]*$/.test(enclosure))
    throw new Error(`What checkout ${checkoutId} encloses cannot be noted.`)
  return {
    payable: sale.payable,
    currency: sale.currency,
    member,
    ...(coupon === '' ? {} : { coupon }),
    ...sweepsNote(sweeps),
    ...Object.fromEntries(lines.map((line, index) => [lineName(index), line])),
    ...enclosureNote(enclosure),
    seal: sign(
      'sale',
      checkoutId,
      sale.payable,
      sale.currency,
      member,
      ...lines,
      ...couponPart(coupon),
      ...sweepsPart(sweeps),
      ...enclosurePart(enclosure),
    ),
  }
}

/**
 * The sale that this shop noted beside a session; undefined when there is no note, it is not this shop's own, or the sale was
 * swept away since: the backend has been swept more often (sweeps) than when it was made.
 */
export function readSaleNote(checkoutId: string, note: Note, sweeps: number): Sale | undefined {
  const { payable = '', currency = '', member = '', coupon = '', seal = '' } = note
  const lines: string[] = []
  for (let line = note[lineName(0)]; line !== undefined && lines.length < mostCheckoutLines;) {
    lines.push(line)
    line = note[lineName(lines.length)]
  }
  const enclosure = enclosureIn(note)
  const sealed = [
    ...lines,
    ...couponPart(coupon),
    ...sweepsPart(sweepsIn(note)),
    ...enclosurePart(enclosure),
  ]
  if (!isSigned(seal, 'sale', checkoutId, payable, currency, member, ...sealed)) return undefined
  if (sweepsIn(note) < sweeps) return undefined
  return {
    payable,
    currency,
    memberId: isId(member) ? member : undefined,
    couponCode: coupon === '' ? undefined : coupon,
    enclosure: enclosure === '' ? undefined : enclosure,
    lines: lines.map((line) => {
      const [
        productId,
        priceId,
        kind,
        title,
        quantity,
        unitMinor,
        discountMinor = 0,
        bundleId,
        bundleTitle,
        bundleAt,
      ] = lineForm.parse(JSON.parse(line))
      return {
        productId,
        priceId,
        kind,
        title,
        quantity,
        unitMinor,
        discountMinor,
        bundle:
          bundleId === undefined || bundleTitle === undefined || bundleAt === undefined
            ? undefined
            : { productId: bundleId, title: bundleTitle, at: bundleAt },
      }
    }),
  }
}

/** Sealed only where there is one, so that notes of sales without a coupon read as they always did. */
const couponPart = (coupon: string) => (coupon === '' ? [] : ['coupon', coupon])
/** The same for a shop that was never swept. */
const sweepsPart = (sweeps: number) => (sweeps === 0 ? [] : ['sweeps', String(sweeps)])
const sweepsNote = (sweeps: number): Note => (sweeps === 0 ? {} : { sweeps: String(sweeps) })
const sweepsIn = (note: Note) =>
  /^[1-9]\d{0,8}$/.test(note.sweeps ?? '') ? Number(note.sweeps) : 0
/** And for a sale that encloses nothing. */
const enclosurePart = (enclosure: string) => (enclosure === '' ? [] : ['enclosed', enclosure])
const enclosureName = (index: number) => `enclosed_${index + 1}`
const enclosureNote = (enclosure: string): Note =>
  Object.fromEntries(
    Array.from({ length: Math.ceil(enclosure.length / longestNote) }, (_, index) => [
      enclosureName(index),
      enclosure.slice(index * longestNote, (index + 1) * longestNote),
    ]),
  )
function enclosureIn(note: Note): string {
  let text = ''
  for (let index = 0; index < mostNotes; index++) text += note[enclosureName(index)] ?? ''
  return text
}
const lineName = (index: number) => `line_${index + 1}`
const lineForm = z.tuple([
  z.uuid(),
  z.uuid(),
  z.string(),
  z.string(),
  z.int().positive(),
  z.int().nonnegative(),
  z.int().nonnegative().optional(),
  z.uuid().optional(),
  z.string().optional(),
  z.int().nonnegative().optional(),
])

/** The same for the payment of a session: it only tells that the payment is this shop's. */
export function paymentNote(checkoutId: string, sweeps: number): Note {
  return {
    ...sweepsNote(sweeps),
    seal: sign('payment', checkoutId, ...sweepsPart(sweeps)),
  }
}

/** Whether a payment is this shop's, and was not swept away since. */
export function isOwnPayment(checkoutId: string, note: Note, sweeps: number): boolean {
  const isOwn = isSigned(note.seal ?? '', 'payment', checkoutId, ...sweepsPart(sweepsIn(note)))
  return isOwn && sweepsIn(note) >= sweeps
}
