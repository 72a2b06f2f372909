// Lists every acceptance scenario with the tests that carry its name, e.g. "[commerce 12]". Scenarios whose part comes in a
// later step are `part` or `later`; one of a built step without a test needs a reason in docs/scenarios.json.
// The same for the faults of docs/faults.md: each row names tests and commands that are there.
// --check prints only what is wrong and exits 1 when there is something.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'

interface Scenarios {
  readonly lists: Readonly<Record<string, number>>
  readonly steps: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Steps up to this one are built. */
  readonly built: number
  /** Tested as far as the built steps reach; why not further. */
  readonly part: Readonly<Record<string, string>>
  /** Of a built step, without a test; why. */
  readonly left: Readonly<Record<string, string>>
}

const root = path.resolve(import.meta.dirname, '..')
const scenarios = JSON.parse(
  readFileSync(path.join(root, 'docs/scenarios.json'), 'utf8'),
) as Scenarios
const tests = testsByScenario()
const stepOf = steps()
const problems: string[] = []
const lines: string[] = []
const counts = { tested: 0, part: 0, later: 0, left: 0 }

for (const [list, count] of Object.entries(scenarios.lists)) {
  for (let number = 1; number <= count; number++) {
    const id = `${list} ${number}`
    const found = tests.get(id) ?? []
    const step = stepOf.get(id)
    if (step === undefined) problems.push(`${id} belongs to no step`)
    const isBuilt = (step ?? 0) <= scenarios.built
    const state = scenarios.part[id]
      ? 'part'
      : scenarios.left[id]
        ? 'left'
        : isBuilt
          ? 'tested'
          : 'later'
    if (isBuilt && state !== 'left' && found.length === 0)
      problems.push(`${id} (step ${step}) has no test and no reason`)
    counts[state]++
    lines.push(
      `${id.padEnd(13)} ${state.padEnd(7)} ${scenarios.part[id] ?? scenarios.left[id] ?? (state === 'later' ? `step ${step}` : '')}`.trimEnd(),
    )
    for (const test of found) lines.push(`                ${test}`)
  }
}
for (const id of tests.keys())
  if (!stepOf.has(id)) problems.push(`a test names ${id}, which is no scenario`)

const faults = faultRows()
for (const row of faults.missing) problems.push(`docs/faults.md has no row ${row}`)
problems.push(...faults.problems)

if (!process.argv.includes('--check')) process.stdout.write(`${lines.join('\n')}\n\n`)
process.stdout.write(
  `${counts.tested} tested, ${counts.part} part, ${counts.left} left out with a reason, ${counts.later} of later steps\n`,
)
process.stdout.write(`${faults.count} faults, each with what shows it\n`)
if (problems.length > 0) {
  process.stderr.write(`${problems.join('\n')}\n`)
  process.exit(1)
}

/** Rows of the table of faults that must be there, and that name what shows them by a test's title or a command. */
function faultRows(): { count: number; missing: string[]; problems: string[] } {
  const titles = testFiles().map((file) => readFileSync(path.join(root, file), 'utf8'))
  const scripts = (
    JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>
    }
  ).scripts
  const rows = readFileSync(path.join(root, 'docs/faults.md'), 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, row, , , shownBy] = /^\| (M\d\d) \|(.*)\|(.*)\|(.*)\|$/.exec(line) ?? []
      return row === undefined ? [] : [{ row, shownBy: shownBy ?? '' }]
    })
  const found: string[] = []
  for (const { row, shownBy } of rows) {
    const named = [...shownBy.matchAll(/“([^”]+)”/g)].map(([, title]) => title ?? '')
    const commands = [...shownBy.matchAll(/`([^`]+)`/g)].map(([, command]) => command ?? '')
    if (named.length + commands.length === 0) found.push(`${row} names nothing that shows it`)
    for (const title of named)
      if (!titles.some((text) => text.includes(title)))
        found.push(`${row}: no test is called “${title}”`)
    for (const command of commands) {
      const [, kind, name = ''] = /^(npm run|node) (\S+)/.exec(command) ?? []
      const isThere = kind === 'npm run' ? name in scripts : existsSync(path.join(root, name))
      if (kind === undefined || !isThere) found.push(`${row}: there is no command \`${command}\``)
    }
  }
  const numbers = [...Array.from({ length: 34 }, (_, at) => at + 1), 38, 39, 40]
  const wanted = numbers.map((number) => `M${String(number).padStart(2, '0')}`)
  return {
    count: rows.length,
    missing: wanted.filter((row) => !rows.some((one) => one.row === row)),
    problems: found,
  }
}

function testFiles(): string[] {
  return execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter(
      (file) => /\.(?:test|e2e|contract)\.ts$/.test(file) && existsSync(path.join(root, file)),
    )
}

function testsByScenario(): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const file of testFiles()) {
    const text = readFileSync(path.join(root, file), 'utf8')
    // A scenario stands in the title of a test, or in the table its titles are made from.
    for (const line of text.split('\n')) {
      for (const [, list, numbers] of line.matchAll(
        /\[(commerce|payments|booking|engage) ([\d, -]+)\]/g,
      )) {
        for (const number of expand(numbers ?? '')) {
          const id = `${list} ${number}`
          const title = /(['"`])(.*)\1/.exec(line)?.[2] ?? line.trim()
          found.set(id, [...(found.get(id) ?? []), `${file}: ${title}`])
        }
      }
    }
  }
  return found
}

function steps(): Map<string, number> {
  const found = new Map<string, number>()
  for (const [step, lists] of Object.entries(scenarios.steps)) {
    for (const [list, numbers] of Object.entries(lists)) {
      for (const number of expand(numbers)) {
        const id = `${list} ${number}`
        if (!found.has(id)) found.set(id, Number(step))
      }
    }
  }
  return found
}

/** "1-3 7" or "1, 2" -> numbers. */
function expand(text: string): number[] {
  return text
    .split(/[\s,]+/)
    .filter(Boolean)
    .flatMap((part) => {
      const [from = 0, to = from] = part.split('-').map(Number)
      return Array.from({ length: to - from + 1 }, (_, index) => from + index)
    })
}
