/**
 * The books of many subscriptions over many days, in figures:
 *   node sandbox/stripe/conformance/books-report.ts [subscriptions] [days] [seed]
 * 200 subscriptions over 400 days unless told otherwise. Exits 1 when anything does not balance.
 */
import { keepBooks } from './books.ts'

const [subscriptions = 200, days = 400, seed = 1] = process.argv.slice(2).map(Number)
if (![subscriptions, days, seed].every((number) => Number.isSafeInteger(number) && number > 0)) {
  process.stderr.write('Say whole numbers: [subscriptions] [days] [seed]\n')
  process.exit(2)
}

const books = await keepBooks(subscriptions, days, seed)
const money = (amount: number): string => `EUR ${(amount / 100).toFixed(2)}`
console.log(`subscriptions  ${books.subscriptions} over ${books.days} days`)
console.log(
  `now            ${Object.entries(books.byStatus)
    .map(([status, count]) => `${count} ${status}`)
    .join(', ')}`,
)
console.log(`invoices       ${books.invoices}, each equal to its lines, discounts and balance`)
console.log(`charges        ${books.charges}, together ${money(books.collected)}`)
console.log(`balance        ${money(books.net)}, the sum of every movement`)
console.log(`took           ${books.seconds.toFixed(1)} s`)
console.log(books.faults.length === 0 ? 'balances to the cent' : `${books.faults.length} faults`)
for (const fault of books.faults.slice(0, 50)) console.log(`  ${fault}`)
if (books.faults.length > 0) process.exitCode = 1
