import type { ServiceTerms } from './types.ts'

/** What a new service begins with. */
export const firstTerms: ServiceTerms = {
  duration: 60,
  increment: 30,
  bufferBefore: 0,
  bufferAfter: 0,
  notice: 24 * 60,
  windowDays: 60,
  mostADay: undefined,
  mostAWeek: undefined,
  seats: 1,
  placeKind: 'link',
  place: '',
  cancelCutoff: 24 * 60,
  moveCutoff: 24 * 60,
  mostMoves: 2,
}

/** The fields of the owner's form about a service. */
export type ServiceField = keyof ServiceTerms

/** Terms as the form shows them. */
export function typedTerms(terms: ServiceTerms): Readonly<Record<ServiceField, string>> {
  const orNone = (value: number | undefined) => (value === undefined ? '' : String(value))
  const inHours = (minutes: number | undefined) =>
    minutes === undefined ? '' : String(Math.round((minutes / 60) * 100) / 100)
  return {
    duration: String(terms.duration),
    increment: String(terms.increment),
    bufferBefore: String(terms.bufferBefore),
    bufferAfter: String(terms.bufferAfter),
    notice: inHours(terms.notice),
    windowDays: orNone(terms.windowDays),
    mostADay: orNone(terms.mostADay),
    mostAWeek: orNone(terms.mostAWeek),
    seats: String(terms.seats),
    placeKind: terms.placeKind,
    place: terms.place,
    cancelCutoff: inHours(terms.cancelCutoff),
    moveCutoff: inHours(terms.moveCutoff),
    mostMoves: orNone(terms.mostMoves),
  }
}
