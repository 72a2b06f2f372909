// npm run fail-nth [checkout | webhook | refund]: counts what each way of the money asks of the world outside (statements, calls of
// Stripe, mails), then goes it again for every one of these calls and makes it fail: refused, never answered, done but the answer
// lost, and down from there on. After each run everything repairs by itself, and all invariants are checked. npm test runs a sample.
import process from 'node:process'
import { runDatabaseTests } from './database-tests.ts'

const [only] = process.argv.slice(2)
const paths = ['checkout', 'webhook', 'refund']
if (only !== undefined && !paths.includes(only)) {
  process.stderr.write(`There is no way called "${only}": ${paths.join(', ')}.\n`)
  process.exit(1)
}
runDatabaseTests(['test/faults/fail-nth.db.test.ts', ...(only ? ['-t', `${only}:`] : [])], {
  SUNDRY_FAIL_NTH: 'all',
})
