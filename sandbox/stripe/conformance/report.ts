/**
 * Conformance of the sandbox in figures:
 *   node sandbox/stripe/conformance/report.ts
 * Starts it in memory, goes the journeys of a shop with the real SDK, and prints what is
 * served, what is valid and what was never seen. Exits 1 when anything is invalid or breaks.
 */
import { startSandbox } from '../index.ts'
import { description, type Operation, operations } from '../schema/index.ts'
import { allJourneys } from './journeys/all.ts'
import { type Run, runJourneys } from './run.ts'

const sandbox = await startSandbox({ delivery: 'test', rateLimit: 'off' })
let run: Run
try {
  run = await runJourneys(sandbox.url, allJourneys)
} finally {
  await sandbox.close()
}
print(run)
if (run.broken.length > 0 || run.coverage.findings.length > 0) process.exitCode = 1

function print({ coverage, broken, served }: Run): void {
  const described = [...operations.values()]
  const invalid = coverage.findings.length
  const checked = coverage.responses + coverage.events
  console.log(`stripe ${description.stripe}, API ${description.apiVersion}`)
  console.log(
    `operations  ${served.length} served of ${described.length} described; ${coverage.answered.size} answered on these journeys`,
  )
  console.log(`answers     ${coverage.responses} checked`)
  console.log(
    `events      ${coverage.events} checked, ${coverage.eventTypes.size} types of ${Object.keys(description.events).length}`,
  )
  console.log(`valid       ${(((checked - invalid) / Math.max(1, checked)) * 100).toFixed(2)} %`)
  section(
    'served, not answered here',
    served
      .filter((operation) => !coverage.answered.has(operation))
      .map((operation) => `${operation.method} ${operation.path}`),
  )
  section('not served', resourcesOf(described.filter((operation) => !served.includes(operation))))
  section(
    'properties never seen with a value',
    [...coverage.neverSeen()].map(([object, names]) => `${object}: ${names.join(', ') || 'none'}`),
  )
  section('values this version does not list', [...coverage.strangeValues])
  section(
    'journeys that broke',
    broken.map(({ journey, why }) => `${journey}: ${why}`),
  )
  section(
    'invalid',
    coverage.findings.map(({ where, faults }) => `${where}\n    ${faults.join('\n    ')}`),
  )
}

/** One line a resource: `Invoices: create, pay`. */
function resourcesOf(missing: readonly Operation[]): string[] {
  const methods = new Map<string, string[]>()
  for (const { sdk } of missing) {
    const end = sdk.lastIndexOf('.')
    const resource = sdk.slice(0, end)
    methods.set(resource, [...(methods.get(resource) ?? []), sdk.slice(end + 1)])
  }
  return [...methods].map(([resource, names]) => `${resource}: ${names.join(', ')}`)
}

function section(title: string, lines: readonly string[]): void {
  if (lines.length === 0) return
  console.log(`\n${title} (${lines.length})`)
  for (const line of lines) console.log(`  ${line}`)
}
