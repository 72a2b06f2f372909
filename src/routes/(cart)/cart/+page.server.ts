import { fail, redirect, type RequestEvent } from '@sveltejs/kit'
import type { Actions, PageServerLoad } from './$types'
import { networkOf } from '#modules/accounts/network.ts'
import { tooMany } from '#modules/accounts/too-many.ts'
import { answerField, readAnswers } from '#modules/catalog/answers.ts'
import { emptyCart, mostOfOne } from '#modules/cart/cart-cookie.ts'
import { askedConsents, consentField, missingConsents } from '#modules/cart/consent.ts'
import type { Agreement } from '#modules/cart/enclosed.ts'
import { readGift } from '#modules/cart/gift-form.ts'
import { isTooMany, isTooMuch } from '#modules/cart/quote.ts'
import { place, purchaseOf, quoteCart, type Buyer } from '#modules/cart/server/index.ts'
import type { Cart, Quote } from '#modules/cart/types.ts'
import { priceProblemWords, readChosen } from '#modules/catalog/price-rules.ts'
import { coversOf, productTitles } from '#modules/catalog/server/index.ts'
import { reductionWords, refusalWords } from '#modules/coupons/coupon-words.ts'
import { canonicalCode } from '#modules/coupons/discount.ts'
import { couponByCode } from '#modules/coupons/server/index.ts'
import { mayUse } from '#modules/entitlements/server/index.ts'
import {
  leaveOpenCheckouts,
  orderPath,
  sendToPay,
  sessionAlreadyOpen,
} from '#modules/payments/server/index.ts'
import { canonicalEmail, mailboxOf } from '#modules/platform/email-address.ts'
import { moneyToInput } from '#modules/platform/money.ts'
import {
  db,
  inTransaction,
  postedForm,
  textField,
  useLimit,
} from '#modules/platform/server/index.ts'
import { siteIdentity, sitePageLinks } from '#modules/site/server/index.ts'
import { findProductKind } from '#boot/server/product-kinds.ts'
import { cartOf, keepCart, startLimit, toPay, visitorOf } from '../../buyer.server.ts'
import { tryCode, waitsForProducts } from '../coupon-code.server.ts'

export const load: PageServerLoad = async (event) => {
  const cart = cartOf(event.cookies)
  // Known before the button is pressed, so that pressing twice is once.
  if (cart.entries.length > 0) visitorOf(event.cookies)
  const { actor } = event.locals
  const quote = await quoteCart(db(), cart)
  const ids = quote.lines.map((line) => line.offer.productId)
  const [covers, gone, asked, owned] = await Promise.all([
    coversOf(db(), ids),
    productTitles(db(), quote.goneIds),
    askedHere(),
    ownedOf(actor?.memberId, ids),
  ])
  const site = await siteIdentity(db())
  return {
    waiting: await waitingCode(quote),
    lines: quote.lines.map((line) => ({
      productId: line.offer.productId,
      title: line.offer.title,
      slug: line.offer.slug,
      cover: covers.get(line.offer.productId),
      quantity: line.quantity,
      most: line.offer.mostPerOrder,
      unitMinor: line.unitMinor,
      fullMinor: line.fullMinor,
      discountMinor: line.discountMinor,
      parts: line.parts,
      /** Where the price is open: what stands in its field. */
      chosen: line.offer.price.isOpen
        ? moneyToInput({ minor: line.unitMinor, currency: quote.currency })
        : undefined,
      leastMinor: line.offer.price.minor,
      questions: line.offer.questions.map((question) => ({
        ...question,
        field: answerField(question.id),
      })),
      isOwned: owned.has(line.offer.productId) && !findProductKind(line.offer.kind)?.runsOut,
    })),
    gone: quote.goneIds.map((id) => gone.get(id)?.title ?? 'Something'),
    currency: quote.currency,
    fullMinor: quote.fullMinor,
    discountMinor: quote.discountMinor,
    totalMinor: quote.totalMinor,
    coupon: quote.coupon?.ok ? quote.coupon.code : undefined,
    couponProblem:
      quote.coupon && !quote.coupon.ok
        ? {
            typed: quote.coupon.typed,
            words: refusalWords(quote.coupon.refusal, quote.currency, {
              zone: site.timeZone,
              locale: site.locale,
            }),
          }
        : undefined,
    consents: asked.map((one) => ({ ...one, field: consentField(one.kind) })),
    asksEmail: asksEmail(quote, actor !== undefined),
    memberEmail: actor?.email,
    notice: event.url.searchParams.get('notice') ?? '',
  }
}

/** A code that was put into the cart before anything else: what it is for, so that the buyer finds there. */
async function waitingCode(quote: Quote) {
  const { coupon } = quote
  if (quote.lines.length > 0 || !coupon || coupon.ok || !waitsForProducts(coupon.refusal))
    return undefined
  const found = await couponByCode(db(), coupon.typed)
  if (!found) return undefined
  const [site, titles] = await Promise.all([
    siteIdentity(db()),
    productTitles(db(), found.productIds ?? []),
  ])
  return {
    code: found.code,
    takesOff: reductionWords(found.reduction, site.locale),
    isForAll: found.productIds === undefined,
    products: [...titles.values()]
      .filter((product) => product.state === 'live')
      .slice(0, mostNamed)
      .map(({ title, slug }) => ({ title, slug })),
  }
}

/** So many of the products that a code is for are named in an empty cart. */
const mostNamed = 5

/** A guest says who they are before paying only where it matters: nothing is paid, or a coupon counts people. */
function asksEmail(quote: Quote, isSignedIn: boolean): boolean {
  return (
    !isSignedIn &&
    quote.lines.length > 0 &&
    (quote.totalMinor === 0 || (quote.coupon?.ok === true && quote.coupon.asksEmail))
  )
}

async function askedHere() {
  const [site, pages] = await Promise.all([siteIdentity(db()), sitePageLinks(db())])
  const terms = pages.find((page) => page.slug === 'terms')
  return askedConsents({
    ...site,
    terms: terms && { title: terms.title, href: `/pages/${terms.slug}` },
  })
}

async function ownedOf(
  memberId: string | undefined,
  productIds: readonly string[],
): Promise<ReadonlySet<string>> {
  if (memberId === undefined) return new Set()
  const owned = await Promise.all(
    productIds.map(async (id) => ((await mayUse(db(), memberId, 'product', id)) ? [id] : [])),
  )
  return new Set(owned.flat())
}

export const actions: Actions = {
  /** Writes what the form says into the cart: quantities, amounts, and what was taken out. */
  async update(event) {
    const form = await postedForm(event.request)
    const changed = await changedCart(event, form)
    if (!changed.ok) return fail(400, { values: valuesOf(form), errors: changed.errors })
    redirect(303, '/cart')
  },

  async coupon(event) {
    const form = await postedForm(event.request)
    const changed = await changedCart(event, form)
    if (!changed.ok) return fail(400, { values: valuesOf(form), errors: changed.errors })
    const typed = textField(form, 'code').slice(0, 100)
    if (typed.trim() === '' || textField(form, 'takeOff') !== '') {
      keepCart(event.cookies, { ...changed.cart, code: undefined })
      redirect(303, '/cart')
    }
    const tried = await tryCode(event, changed.cart, typed)
    if (!tried.ok)
      return fail(tried.status, { values: valuesOf(form), errors: { code: tried.words } })
    keepCart(event.cookies, { ...changed.cart, code: tried.code })
    redirect(303, '/cart')
  },

  async pay(event) {
    const form = await postedForm(event.request)
    const changed = await changedCart(event, form)
    if (!changed.ok) return fail(400, { values: valuesOf(form), errors: changed.errors })
    return pay(event, form, changed.cart)
  },
}

async function pay(event: RequestEvent, form: FormData, cart: Cart) {
  const refuse = (status: number, errors: Readonly<Record<string, string>>) =>
    fail(status, { values: valuesOf(form), errors })
  // A code that stands in its field is meant to be used, whichever button was pressed.
  const typedCode = textField(form, 'code').slice(0, 100)
  if (typedCode.trim() !== '' && canonicalCode(typedCode) !== cart.code) {
    const tried = await tryCode(event, cart, typedCode)
    if (!tried.ok) return refuse(tried.status, { code: tried.words })
    keepCart(event.cookies, { ...cart, code: tried.code })
    return refuse(409, { '': 'Your code is in. This is the new total; nothing was charged yet.' })
  }
  const quote = await quoteCart(db(), cart)
  if (quote.lines.length === 0) redirect(303, '/cart')
  if (textField(form, 'total') !== String(quote.totalMinor) || quote.goneIds.length > 0)
    return refuse(409, {
      '': 'Something about your cart has changed since you looked. It is shown as it is now; nothing was charged.',
    })
  if (isTooMuch(quote))
    return refuse(400, {
      '': 'That is more than a card can be charged at once. Buy it in two parts.',
    })
  if (isTooMany(quote))
    return refuse(400, {
      '': 'These are more things than one purchase can hold, counting what is in the bundles. Buy them in two parts.',
    })

  const { actor } = event.locals
  const errors: Record<string, string> = {}
  const email = asksEmail(quote, actor !== undefined)
    ? canonicalEmail(textField(form, 'email').slice(0, 300))
    : undefined
  if (asksEmail(quote, actor !== undefined) && email === undefined)
    errors.email = 'Type the e-mail address that it should go to.'
  const answers: Agreement['answers'][number][] = []
  let position = 0
  for (const line of quote.lines) {
    const read = readAnswers(line.offer.questions, (field) => textField(form, field))
    const at = position
    if (read.ok) answers.push(...read.answers.map((answer) => ({ ...answer, position: at })))
    else Object.assign(errors, read.errors)
    position += Math.max(1, line.parts.length)
  }
  const asked = await askedHere()
  for (const missing of missingConsents(asked, (field) => textField(form, field) === 'yes'))
    errors[consentField(missing.kind)] = 'Please tick this to go on.'
  const gift = readGift((field) => textField(form, field))
  if (!gift.ok) Object.assign(errors, gift.errors)
  if (!gift.ok || Object.keys(errors).length > 0) return refuse(400, errors)

  const used = await limitOf(event, quote, [email, gift.gift?.toEmail])
  if (!used.ok)
    return refuse(429, {
      '': tooMany(event, 'Several purchases were started', used.retryAfterSeconds),
    })
  const buyer: Buyer = {
    member: actor && { id: actor.memberId, email: actor.email },
    email,
    visitor: visitorOf(event.cookies),
    network: event.locals.network,
  }
  const agreed: Agreement = {
    consents: asked.map(({ kind, words }) => ({ kind, words })),
    answers,
    gift: gift.gift,
  }
  const already = await sessionAlreadyOpen(purchaseOf(quote, buyer, agreed))
  if (already) return toPay(already.url)

  const placing = () => inTransaction((tx) => place(tx, quote, buyer, agreed), 'money')
  let placed = await placing()
  if (!placed.ok && buyer.visitor && !buyer.visitor.isNew) {
    // The use may be held by what this very browser left open a moment ago.
    await leaveOpenCheckouts(buyer.visitor.id)
    placed = await placing()
  }
  if (!placed.ok) {
    const site = await siteIdentity(db())
    return refuse(409, {
      code: refusalWords(placed.refusal, quote.currency, {
        zone: site.timeZone,
        locale: site.locale,
      }),
    })
  }
  if (placed.isComplete) {
    keepCart(event.cookies, emptyCart)
    redirect(303, orderPath(placed.opened.id))
  }
  const sent = await sendToPay(placed.opened)
  if (!sent.ok)
    return refuse(503, {
      '': 'Payments cannot be reached right now. Nothing was charged; please try again in a moment.',
    })
  return toPay(sent.url)
}

/** Each open checkout with a code keeps one of its uses for the buyer: nobody may keep them all from the others. */
const couponLimit = { name: 'coupon-checkout', most: 20, windowSeconds: 2_700 } as const
/**
 * What costs nothing is not slowed down by a payment page, and sends mail to addresses that nobody has proven: without these
 * limits it would be a way to send a stranger's words to whomever they like.
 */
const freeLimit = { name: 'free-purchase', most: 30, windowSeconds: 3_600 } as const
const freeMailLimit = { name: 'free-mail', most: 5, windowSeconds: 86_400 } as const

async function limitOf(event: RequestEvent, quote: Quote, mailed: readonly (string | undefined)[]) {
  const started = await useLimit(startLimit, networkOf(event.locals.network))
  if (!started.ok) return started
  if (quote.coupon?.ok) {
    const held = await useLimit(couponLimit, networkOf(event.locals.network))
    if (!held.ok) return held
  }
  if (quote.totalMinor > 0) return started
  const taken = await useLimit(freeLimit, networkOf(event.locals.network))
  if (!taken.ok) return taken
  for (const address of mailed) {
    const told = address === undefined ? started : await useLimit(freeMailLimit, mailboxOf(address))
    if (!told.ok) return told
  }
  return started
}

/** The cart as the form says, kept at once. */
async function changedCart(
  event: RequestEvent,
  form: FormData,
): Promise<
  | { readonly ok: true; readonly cart: Cart }
  | { readonly ok: false; readonly errors: Readonly<Record<string, string>> }
> {
  const cart = cartOf(event.cookies)
  const quote = await quoteCart(db(), cart)
  const offers = new Map(quote.lines.map((line) => [line.offer.productId, line.offer]))
  const removed = textField(form, 'remove')
  const errors: Record<string, string> = {}
  const entries = cart.entries.flatMap((entry) => {
    const offer = offers.get(entry.productId)
    if (!offer || entry.productId === removed) return []
    let { quantity, chosenMinor } = entry
    const typedQuantity = textField(form, `quantity_${entry.productId}`)
    if (typedQuantity !== '') {
      if (!/^\d{1,3}$/.test(typedQuantity.trim()) || Number(typedQuantity) > mostOfOne)
        errors[`quantity_${entry.productId}`] = 'Type a whole number.'
      else quantity = Math.min(Number(typedQuantity), offer.mostPerOrder)
    }
    const typedAmount = textField(form, `amount_${entry.productId}`)
    if (offer.price.isOpen && typedAmount !== '') {
      const read = readChosen(typedAmount.slice(0, 100), offer.price)
      if (read.ok) chosenMinor = read.minor
      else errors[`amount_${entry.productId}`] = priceProblemWords(read.reason, quote.currency)
    }
    return quantity === 0 ? [] : [{ ...entry, quantity, chosenMinor }]
  })
  if (Object.keys(errors).length > 0) return { ok: false, errors }
  const next = { ...cart, entries }
  keepCart(event.cookies, next)
  return { ok: true, cart: next }
}

/** What was typed, to stand there again. */
function valuesOf(form: FormData): Record<string, string> {
  return Object.fromEntries(
    [...form].flatMap(([name, value]) =>
      typeof value === 'string' && value.length <= 6_000 && name !== '__proto__'
        ? [[name, value] as const]
        : [],
    ),
  )
}
