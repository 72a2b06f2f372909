import process from 'node:process'

/**
 * How often a test repeats what is drawn at random, where it is drawn often: a tenth of it when the same tests run a second
 * time over TCP, which changes the line to the database and none of the rules.
 */
export function repeated(often: number): number {
  return process.env.SUNDRY_TEST_TCP ? Math.ceil(often / 10) : often
}
