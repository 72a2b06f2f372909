import type { ServiceTerms } from './types.ts'

/** "90 minutes", "2 hours", "1 hour 30 minutes" */
export function lengthWords(minutes: number): string {
  const days = Math.floor(minutes / 1_440)
  const hours = Math.floor((minutes % 1_440) / 60)
  const rest = minutes % 60
  if (days === 0 && minutes <= 120 && minutes % 60 !== 0) return `${minutes} minutes`
  return [count(days, 'day'), count(hours, 'hour'), count(rest, 'minute')]
    .filter((part) => part !== '')
    .join(' ')
}

function count(many: number, word: string): string {
  if (many === 0) return ''
  return `${many} ${word}${many === 1 ? '' : 's'}`
}

const kindWords = {
  link: 'Online',
  address: 'In person',
  phone: 'By phone',
  later: 'Where is agreed on later',
} as const satisfies Record<ServiceTerms['placeKind'], string>

/** "Online", "In person: Quay 4": where it takes place. Links and numbers are for those who have booked. */
export function placeWords({
  placeKind,
  place,
}: Pick<ServiceTerms, 'placeKind' | 'place'>): string {
  return placeKind === 'address' && place !== '' ? `In person: ${place}` : kindWords[placeKind]
}

/** Beside the price: "90 minutes, online". */
export function deliveryWords(terms: ServiceTerms): string {
  const place = terms.placeKind === 'later' ? '' : `, ${kindWords[terms.placeKind].toLowerCase()}`
  const seats = terms.seats > 1 ? `, up to ${terms.seats} people` : ''
  return lengthWords(terms.duration) + place + seats
}

/** What the cut-offs mean, in sentences for whoever books. */
export function policyWords(
  terms: Pick<ServiceTerms, 'cancelCutoff' | 'moveCutoff' | 'mostMoves'>,
): readonly string[] {
  const cancel =
    terms.cancelCutoff === undefined || terms.cancelCutoff === 0
      ? 'You can cancel free of charge until it begins.'
      : `You can cancel free of charge until ${lengthWords(terms.cancelCutoff)} before it begins; later, the session counts as used.`
  if (terms.mostMoves === 0) return [cancel, 'It cannot be moved.']
  const often =
    terms.mostMoves === undefined
      ? ''
      : terms.mostMoves === 1
        ? ', once'
        : `, up to ${terms.mostMoves} times`
  const until =
    terms.moveCutoff === undefined || terms.moveCutoff === 0
      ? 'until it begins'
      : `until ${lengthWords(terms.moveCutoff)} before it begins`
  return [cancel, `You can move it ${until}${often}.`]
}
