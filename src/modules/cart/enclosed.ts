import { z } from 'zod'
import type { GiftWords } from '#modules/orders/types.ts'
import type { Answer } from '#modules/catalog/answers.ts'
import { consentKinds, type ConsentKind } from './consent.ts'

/** What was agreed to, answered and given with a purchase: what its note at Stripe encloses. */
export interface Agreement {
  readonly consents: readonly { readonly kind: ConsentKind; readonly words: string }[]
  /** position: of the line it was asked with. */
  readonly answers: readonly (Answer & { readonly position: number })[]
  /** It is for somebody else. */
  readonly gift: GiftWords | undefined
}

/** An agreement as a note tells it: what did not fit stands in words where it would have stood, or is counted. */
export interface EnclosedAgreement extends Omit<Agreement, 'answers'> {
  readonly at: Date
  /** question: undefined where there was no room for it. */
  readonly answers: readonly {
    readonly position: number
    readonly questionId: string
    readonly question: string | undefined
    readonly answer: string
  }[]
  /** How many things there was no room for at all. */
  readonly missing: number
}

/** The first number of every enclosure. A program that does not know it takes up nothing by guess. */
const version = 1

/**
 * An agreement as text of at most `most` bytes. Nothing is cut in the middle: what does not fit whole is left out whole, answers
 * first and the gift last; only that something was there is kept. at: when it was agreed to.
 */
export function enclosed(agreement: Agreement, at: Date, most: number): string {
  const parts = partsOf(agreement)
  const sizeOf = (part: readonly unknown[]) => Buffer.byteLength(JSON.stringify(part)) + 1
  const shortest = parts.map((forms) => forms[0] ?? [])
  // Room for the numbers before the parts, and for the brackets.
  let left = most - 40 - shortest.reduce((sum, part) => sum + sizeOf(part), 0)
  let told = shortest
  while (left < 0 && told.length > 0) {
    left += sizeOf(told.at(-1) ?? [])
    told = told.slice(0, -1)
  }
  const chosen = told.map((short, index) => {
    for (const form of (parts[index] ?? []).slice(1).reverse()) {
      const more = sizeOf(form) - sizeOf(short)
      if (more > left) continue
      left -= more
      return form
    }
    return short
  })
  return JSON.stringify([version, at.getTime(), parts.length - told.length, ...chosen])
}

/** Each thing in its forms, the shortest first; the things that matter most first. */
function partsOf({ gift, consents, answers }: Agreement): (readonly unknown[])[][] {
  return [
    ...(gift
      ? [
          [
            ['gift', gift.fromName, gift.toEmail ?? ''],
            ['gift', gift.fromName, gift.toEmail ?? '', gift.toName],
          ],
        ]
      : []),
    ...consents.map(({ kind, words }) => [
      ['consent', kind],
      ['consent', kind, words],
    ]),
    ...(gift && gift.message !== '' ? [[['message'], ['message', gift.message]]] : []),
    ...answers.map(({ position, questionId, question, answer }) => [
      ['answer', position, questionId],
      ['answer', position, questionId, question],
      ['answer', position, questionId, question, answer],
    ]),
  ]
}

const head = z.tuple([z.literal(version), z.int(), z.int().nonnegative()]).rest(z.unknown())
const part = z.union([
  z.tuple([z.literal('gift'), z.string(), z.string(), z.string().optional()]),
  z.tuple([z.literal('consent'), z.enum(consentKinds), z.string().optional()]),
  z.tuple([z.literal('message'), z.string().optional()]),
  z.tuple([
    z.literal('answer'),
    z.int().nonnegative(),
    z.uuid(),
    z.string().optional(),
    z.string().optional(),
  ]),
])

/** Reads what enclosed() wrote. undefined for what another version of this program wrote. */
export function readEnclosed(text: string): EnclosedAgreement | undefined {
  const read = head.safeParse(JSON.parse(text))
  if (!read.success) return undefined
  const [, at, missing, ...rest] = read.data
  const parts = z.array(part).safeParse(rest)
  if (!parts.success) return undefined
  const gift = parts.data.find((one) => one[0] === 'gift')
  const message = parts.data.find((one) => one[0] === 'message')
  return {
    at: new Date(at),
    missing,
    gift: gift && {
      fromName: gift[1],
      toEmail: gift[2] === '' ? undefined : gift[2],
      toName: gift[3] ?? '',
      message: message ? (message[1] ?? 'There was a message with it. It was lost.') : '',
    },
    consents: parts.data.flatMap((one) =>
      one[0] === 'consent'
        ? [{ kind: one[1], words: one[2] ?? 'Agreed to, in words that were lost.' }]
        : [],
    ),
    answers: parts.data.flatMap((one) =>
      one[0] === 'answer'
        ? [
            {
              position: one[1],
              questionId: one[2],
              question: one[3],
              answer: one[4] ?? 'The answer was lost: it was too long to be kept with the payment.',
            },
          ]
        : [],
    ),
  }
}
