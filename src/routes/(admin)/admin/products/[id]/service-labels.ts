import type { ServiceField } from '#modules/booking/service-typed.ts'

/** What the fields of the form about a service are called. */
export const serviceLabels: Readonly<Record<ServiceField, string>> = {
  duration: 'How long it takes',
  increment: 'It can begin every',
  bufferBefore: 'Kept free before',
  bufferAfter: 'Kept free after',
  notice: 'Booked at the latest',
  windowDays: 'Booked at the earliest',
  mostADay: 'Most a day',
  mostAWeek: 'Most a week',
  seats: 'People at the same time',
  placeKind: 'Where',
  place: 'Address, link or number',
  cancelCutoff: 'Cancelled free of charge until',
  moveCutoff: 'Moved until',
  mostMoves: 'Moved at most',
}

/** What is stored by now where it differs from what was typed. */
export function storedWords(
  stored: Readonly<Record<ServiceField, string>>,
  typed: Readonly<Record<string, string | undefined>>,
): readonly { readonly label: string; readonly text: string }[] {
  const fields = Object.keys(serviceLabels) as ServiceField[]
  return fields
    .filter((field) => stored[field] !== typed[field]?.trim())
    .map((field) => ({ label: serviceLabels[field], text: stored[field] }))
}
