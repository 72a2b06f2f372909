// npm run mirror-sweep [HOW MANY]: a thousand subscriptions whose events come in any order and doubled, in order, and not at all; how
// many events a second reach the mirror, how many calls of Stripe healing and a whole day take. npm test runs a sample.
import process from 'node:process'
import { runDatabaseTests } from './database-tests.ts'

const howMany = Number(process.argv[2] ?? 1_000)
if (!Number.isInteger(howMany) || howMany < 30 || howMany > 20_000) {
  process.stderr.write('How many subscriptions? A number from 30 to 20,000.\n')
  process.exit(1)
}
runDatabaseTests(
  [
    '--no-file-parallelism',
    'test/money/mirror-sweep.db.test.ts',
    'test/money/mirror-day.db.test.ts',
  ],
  { SUNDRY_MIRROR_SWEEP: String(howMany) },
)
