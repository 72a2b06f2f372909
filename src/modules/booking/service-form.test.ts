import { expect, test } from 'vitest'
import { serviceForm } from './service-form.ts'
import { firstTerms, typedTerms } from './service-typed.ts'

const good = typedTerms(firstTerms)

test('what the form shows of terms is read back as the same terms', () => {
  expect(serviceForm.parse(good)).toEqual(firstTerms)
  const other = {
    ...firstTerms,
    notice: 90,
    windowDays: undefined,
    mostADay: 3,
    cancelCutoff: undefined,
    moveCutoff: 0,
    mostMoves: 0,
    placeKind: 'address' as const,
    place: 'Quay 4',
  }
  expect(serviceForm.parse(typedTerms(other))).toEqual(other)
})

test.each([
  ['duration', '0'],
  ['duration', '4'],
  ['duration', '10081'],
  ['duration', 'an hour'],
  ['duration', ''],
  ['duration', '-60'],
  ['duration', '6e1'],
  ['duration', '60.5'],
  ['increment', '1441'],
  ['bufferBefore', ''],
  ['bufferAfter', '1441'],
  ['notice', '8761'],
  ['notice', ''],
  ['notice', 'soon'],
  ['windowDays', '731'],
  ['mostADay', '0'],
  ['mostAWeek', '501'],
  ['seats', '0'],
  ['placeKind', 'the moon'],
  ['place', 'x'.repeat(501)],
  ['cancelCutoff', '-1'],
  ['moveCutoff', 'never'],
  ['mostMoves', '21'],
])('%s = "%s" is refused in words that say what to do', (field, value) => {
  const read = serviceForm.safeParse({ ...good, [field]: value })
  expect(read.success).toBe(false)
  expect(read.error?.issues.map(({ path }) => path[0])).toEqual([field])
  expect(read.error?.issues[0]?.message).toMatch(/^[A-Z].*\.$/)
})

test('hours may have a comma or a point, and limits may be left empty', () => {
  const read = serviceForm.parse({ ...good, notice: '1,5', mostADay: ' ', moveCutoff: '' })
  expect(read).toMatchObject({ notice: 90, mostADay: undefined, moveCutoff: undefined })
})
