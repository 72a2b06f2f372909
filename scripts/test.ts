// npm test: every check and every test, in order of how soon they tell. Ends with one line: N passed, N failed.
// `npm test -- unit` and the like run single steps while working.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { stripVTControlCharacters } from 'node:util'
import { findBrowser } from './browser.ts'

const root = path.resolve(import.meta.dirname, '..')
const results = path.join(root, 'test-results')
const bin = (name: string) => path.join(root, 'node_modules', name)

/** How much of a failure's own words is repeated at the end. */
const linesOfWhy = 12

interface Count {
  passed: number
  failed: number
  /** What failed, in words: repeated at the very end, where one looks first. */
  names?: readonly string[]
}
interface Step {
  readonly name: string
  run(): Promise<Count>
}

const steps: readonly Step[] = [
  check('pages types', ['@sveltejs/kit/svelte-kit.js', 'sync']),
  check('format', ['oxfmt/bin/oxfmt', '--check', '.']),
  check('lint', ['oxlint/bin/oxlint', '--deny-warnings', '--type-aware', '.']),
  script('structure', ['scripts/check-structure.mjs']),
  script('directions', ['scripts/check-directions.mjs']),
  check('types', ['typescript/bin/tsc', '--noEmit']),
  check('svelte', ['svelte-check/bin/svelte-check', '--threshold', 'error', '--output', 'human']),
  check('unused', ['knip/bin/knip.js', '--no-progress']),
  script('table types', ['scripts/types.ts', '--check']),
  script('scenarios', ['scripts/scenarios.ts', '--check']),
  vitest('unit', ['--project', 'rules', '--project', 'database', '--project', 'sandbox']),
  vitest('database over TCP', ['--project', 'database'], { SUNDRY_TEST_TCP: '1' }),
  ...(process.env.TEST_DATABASE_URL
    ? [vitest('foreign database', ['--project', 'database'], { SUNDRY_TEST_FOREIGN: '1' })]
    : []),
  script('build', ['scripts/build.ts']),
  vitest('processes', ['--project', 'process']),
  { name: 'browser', run: browserJourneys },
]

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !steps.some((step) => step.name === name))
if (unknown.length > 0) {
  process.stderr.write(
    `There is no step ${unknown.join(', ')}. Steps: ${steps.map((step) => step.name).join(', ')}\n`,
  )
  process.exit(1)
}

rmSync(results, { recursive: true, force: true })
mkdirSync(results, { recursive: true })
const total = { passed: 0, failed: 0 }
const failures: string[] = []
for (const step of steps) {
  if (wanted.length > 0 && !wanted.includes(step.name)) continue
  const began = performance.now()
  process.stdout.write(`\n== ${step.name}\n`)
  const count = await step.run()
  total.passed += count.passed
  total.failed += count.failed
  if (count.failed > 0)
    failures.push(
      ...(count.names?.length ? count.names : ['see above']).map((name) => `${step.name}: ${name}`),
    )
  process.stdout.write(
    `== ${step.name}: ${count.failed === 0 ? 'ok' : 'FAILED'} (${count.passed} passed, ${count.failed} failed, ${((performance.now() - began) / 1000).toFixed(1)} s)\n`,
  )
}
if (failures.length > 0)
  process.stdout.write(`\nFailed:\n${failures.map((name) => `  ${name}\n`).join('')}`)
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`)
process.exit(total.failed === 0 ? 0 : 1)

function check(name: string, [script = '', ...args]: readonly string[]): Step {
  return { name, run: async () => one((await node([bin(script), ...args])) === 0) }
}

function script(name: string, args: readonly string[]): Step {
  return { name, run: async () => one((await node(args)) === 0) }
}

function one(ok: boolean): Count {
  return ok ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}

function vitest(
  name: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): Step {
  const report = path.join(results, `${name.replaceAll(' ', '-')}.json`)
  return {
    name,
    async run() {
      const code = await node(
        [
          bin('vitest/vitest.mjs'),
          'run',
          '--reporter=dot',
          '--reporter=json',
          `--outputFile.json=${report}`,
          ...args,
        ],
        environment,
      )
      if (!existsSync(report)) return one(false)
      const told = JSON.parse(readFileSync(report, 'utf8')) as {
        numPassedTests: number
        numFailedTests: number
        numPendingTests: number
        numFailedTestSuites: number
        testResults: {
          name: string
          status: string
          message?: string
          assertionResults: { status: string; fullName: string; failureMessages?: string[] }[]
        }[]
      }
      // A test that was left out proves nothing: it counts as failed.
      const failed = told.numFailedTests + told.numPendingTests
      return {
        passed: told.numPassedTests,
        failed: failed === 0 && code !== 0 ? Math.max(1, told.numFailedTestSuites) : failed,
        names: told.testResults.flatMap((file) => {
          const name = path.relative(root, file.name)
          const tests = file.assertionResults.filter(({ status }) => status !== 'passed')
          if (tests.length === 0 && file.status === 'failed') return [`${name}${why(file.message)}`]
          return tests.map(
            (test) => `${name} > ${test.fullName}${why(test.failureMessages?.join('\n'))}`,
          )
        }),
      }
    },
  }
}

async function browserJourneys(): Promise<Count> {
  const browser = await findBrowser(root)
  if (!browser.ok) {
    process.stdout.write(`${browser.words}\n`)
    return one(false)
  }
  const report = path.join(results, 'browser.json')
  const code = await node([bin('@playwright/test/cli.js'), 'test', '--reporter=line,json'], {
    ...browser.environment,
    PLAYWRIGHT_JSON_OUTPUT_NAME: report,
  })
  if (!existsSync(report)) return one(false)
  const { stats, suites } = JSON.parse(readFileSync(report, 'utf8')) as {
    stats: { expected: number; unexpected: number; skipped: number; flaky: number }
    suites: Suite[]
  }
  // Passing at the second try is not passing.
  const failed = stats.unexpected + stats.skipped + stats.flaky
  return {
    passed: stats.expected,
    failed: failed === 0 && code !== 0 ? 1 : failed,
    names: suites.flatMap(notPassed),
  }
}

/** What Playwright writes of a file or a describe block, as far as it is read here. */
interface Suite {
  specs: {
    file: string
    title: string
    tests: { status: string; results: { errors?: { message?: string }[] }[] }[]
  }[]
  suites?: Suite[]
}

function notPassed(suite: Suite): string[] {
  return [
    ...suite.specs
      .filter((spec) => spec.tests.some(({ status }) => status !== 'expected'))
      .map((spec) => {
        const errors = spec.tests.flatMap(({ results }) =>
          results.flatMap((one) => one.errors ?? []),
        )
        return `${spec.file} > ${spec.title}${errors.map(({ message }) => why(message)).join('')}`
      }),
    ...(suite.suites ?? []).flatMap(notPassed),
  ]
}

/** The beginning of what a failure said, on lines of its own: the end of the output is read first, or alone. */
function why(message: string | undefined): string {
  const lines = stripVTControlCharacters(message ?? '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s+at /.test(line))
    .slice(0, linesOfWhy)
    .map((line) => `\n      ${line.slice(0, 300)}`)
  return lines.join('')
}

function node(args: readonly string[], environment: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...environment },
    })
    child.on('error', () => resolve(1))
    child.on('exit', (code) => resolve(code ?? 1))
  })
}
