// npm run mirror-sweep [HOW MANY]: a thousand subscriptions whose events come in any order and doubled, in order, and not at all; how
// many events a second reach the mirror, how many calls of Stripe healing and a whole day take. npm test runs a sample.
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import process from 'node:process'

const root = path.resolve(import.meta.dirname, '..')
const howMany = Number(process.argv[2] ?? 1_000)
if (!Number.isInteger(howMany) || howMany < 30 || howMany > 20_000) {
  process.stderr.write('How many subscriptions? A number from 30 to 20,000.\n')
  process.exit(1)
}
const { status } = spawnSync(
  process.execPath,
  [
    '--disable-warning=ExperimentalWarning',
    path.join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--project',
    'database',
    '--no-file-parallelism',
    'test/money/mirror-sweep.db.test.ts',
    'test/money/mirror-day.db.test.ts',
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, SUNDRY_MIRROR_SWEEP: String(howMany) } },
)
process.exit(status ?? 1)
