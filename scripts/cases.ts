// npm run cases -- FILE: works out every slot case of a file (the format of test/cases/slots.json) and prints how many came out as expected.
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { slotsOfCase, type SlotCase } from '../src/modules/booking/slot-cases.ts'

const [file] = process.argv.slice(2)
if (file === undefined) stop('Which file? npm run cases -- FILE')
const { cases } = read(file)
let passed = 0
for (const one of cases) {
  const problem = wrongIn(one)
  if (problem === undefined) passed++
  else process.stdout.write(`${one.id}: ${problem}\n`)
}
process.stdout.write(`${passed} passed, ${cases.length - passed} failed\n`)
process.exitCode = passed === cases.length ? 0 : 1

function read(name: string): { cases: readonly SlotCase[] } {
  try {
    const found = JSON.parse(readFileSync(name, 'utf8')) as { cases?: readonly SlotCase[] }
    if (Array.isArray(found.cases) && found.cases.length > 0) return { cases: found.cases }
    return stop(`${name} holds no cases.`)
  } catch (error) {
    return stop(`${name} could not be read: ${String(error)}`)
  }
}

/** The first difference, in words. */
function wrongIn(one: SlotCase): string | undefined {
  try {
    const offered = slotsOfCase(one)
    const expected = one.expected_slots_utc
    const missing = expected.find((slot) => !offered.includes(slot))
    if (missing !== undefined) return `${missing} is expected and not offered`
    const odd = offered.find((slot) => !expected.includes(slot))
    if (odd !== undefined) return `${odd} is offered and not expected`
    const isSame =
      offered.length === expected.length && offered.every((slot, at) => slot === expected[at])
    return isSame ? undefined : 'the order differs'
  } catch (error) {
    return String(error)
  }
}

function stop(words: string): never {
  process.stderr.write(`${words}\n`)
  process.exit(1)
}
