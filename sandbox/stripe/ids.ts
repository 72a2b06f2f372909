import { createHmac, randomFillSync } from 'node:crypto'

/** Characters after the prefix, as long as Stripe's own. */
const BODY_LENGTH = {
  acct: 16,
  bpc: 24,
  bps: 24,
  cbtxn: 24,
  ch: 24,
  clock: 24,
  coupon: 8,
  cs_test: 60,
  cus: 14,
  di: 24,
  dp: 24,
  du: 24,
  evt: 24,
  ii: 24,
  il: 24,
  in: 24,
  inpay: 24,
  issfr: 24,
  li: 24,
  pi: 24,
  pm: 24,
  price: 24,
  prod: 14,
  promo: 24,
  py: 24,
  re: 24,
  req: 14,
  seti: 24,
  si: 14,
  sub: 24,
  txn: 24,
  we: 24,
  whsec: 32,
  secret: 25,
  rec: 32,
  /** The last part of the address of an invoice's page, or of the portal's. */
  door: 48,
  dlv: 24,
  task: 24,
  snap: 16,
} as const

export type IdPrefix = keyof typeof BODY_LENGTH

/** Makes object ids. One source serves one unit of work. */
export interface IdSource {
  next(prefix: IdPrefix): string
  /** How many ids were drawn in all: a seeded source goes on from here next time. */
  readonly drawn: number
}

/** Ids nobody can guess. */
export function randomIds(): IdSource {
  let drawn = 0
  return {
    next(prefix) {
      drawn += 1
      return `${prefix}_${base62(freshBytes(BODY_LENGTH[prefix]))}`
    },
    get drawn() {
      return drawn
    },
  }
}

/** Randomness is fetched by the page: asking the system for each id would cost more than the id. */
const page = new Uint8Array(8_192)
let used = page.length

function freshBytes(count: number): Uint8Array {
  if (used + count > page.length) {
    randomFillSync(page)
    used = 0
  }
  used += count
  return page.subarray(used - count, used)
}

/**
 * The same ids on every run: the n-th id follows from seed, account and n. The account is part of
 * it so that two accounts of one database never share an id.
 */
export function seededIds(seed: number, account: string, drawnBefore: number): IdSource {
  let drawn = drawnBefore
  return {
    next(prefix) {
      drawn += 1
      const digest = createHmac('sha512', `${seed}`).update(`${account}:${drawn}`).digest()
      return `${prefix}_${base62(digest.subarray(0, BODY_LENGTH[prefix]))}`
    },
    get drawn() {
      return drawn
    },
  }
}

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** One character a byte. The slight bias of the modulo does not matter: 24 characters carry 140 bits. */
export function base62(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += ALPHABET[byte % 62]
  return text
}
