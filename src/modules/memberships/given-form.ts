import { isId } from '#modules/platform/ids.ts'
import { oneLine } from '#modules/platform/plain-text.ts'
import { nextDay, startOfDay } from '#modules/platform/zoned-day.ts'

/** What the form about giving a plan holds, as text. */
export interface GivenFields {
  readonly plan: string
  /** endless, until or gift. */
  readonly how: string
  readonly until: string
  readonly months: string
  readonly reason: string
  /** Of the form as it was opened: sent twice, it is given once. */
  readonly key: string
}

export interface TypedGiven {
  readonly id: string
  readonly planId: string
  /** A comp; endsAt undefined = not by itself. Or a gift of months. */
  readonly what:
    | { readonly kind: 'comp'; readonly endsAt: Date | undefined }
    | { readonly kind: 'gift'; readonly months: number }
  readonly reason: string
}

export const mostMonths = 60

/**
 * Reads the owner's form. The last day is the owner's, in the shop's zone, and meant with that day. Nothing is guessed: what cannot be read
 * for certain is refused with words at its field.
 */
export function readGiven(
  fields: GivenFields,
  shop: { readonly zone: string; readonly now: Date },
):
  | { readonly ok: true; readonly given: TypedGiven }
  | { readonly ok: false; readonly errors: Readonly<Record<string, string>> } {
  const errors: Record<string, string> = {}
  if (!isId(fields.plan)) errors.plan = 'Choose a plan.'
  const what = readWhat(fields, shop, errors)
  const reason = oneLine(fields.reason.slice(0, 2_000)).slice(0, 500)
  if (reason === '') errors.reason = 'Say in a few words why. It is kept.'
  if (!isId(fields.key)) errors.key = 'This form is too old. Open it again.'
  if (!what || Object.keys(errors).length > 0) return { ok: false, errors }
  return { ok: true, given: { id: fields.key, planId: fields.plan, what, reason } }
}

function readWhat(
  fields: GivenFields,
  shop: { readonly zone: string; readonly now: Date },
  errors: Record<string, string>,
): TypedGiven['what'] | undefined {
  if (fields.how === 'endless') return { kind: 'comp', endsAt: undefined }
  if (fields.how === 'until') {
    const day = fields.until.trim()
    const endsAt = startOfDay(day, shop.zone) && startOfDay(nextDay(day), shop.zone)
    if (endsAt && endsAt > shop.now) return { kind: 'comp', endsAt }
    errors.until = endsAt ? 'That day is over. Choose a later one.' : 'Choose the last day.'
    return undefined
  }
  if (fields.how === 'gift') {
    const months = /^\d{1,2}$/.test(fields.months.trim()) ? Number(fields.months) : 0
    if (months >= 1 && months <= mostMonths) return { kind: 'gift', months }
    errors.months = `A gift is 1 to ${mostMonths} whole months.`
    return undefined
  }
  errors.how = 'Choose for how long.'
  return undefined
}
