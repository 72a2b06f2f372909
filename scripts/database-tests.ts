import { spawnSync } from 'node:child_process'
import path from 'node:path'
import process from 'node:process'

const root = path.resolve(import.meta.dirname, '..')

/**
 * Runs some of the tests against a database by themselves, at another size than `npm test` does, and ends this process with their exit
 * code. Works in a clone that has never run anything: what the tests are compiled with is made first.
 */
export function runDatabaseTests(args: readonly string[], env: Record<string, string>): never {
  const run = (script: string, rest: readonly string[]) =>
    spawnSync(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', path.join(root, 'node_modules', script), ...rest],
      { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } },
    ).status ?? 1
  const made = run('@sveltejs/kit/svelte-kit.js', ['sync'])
  process.exit(
    made === 0 ? run('vitest/vitest.mjs', ['run', '--project', 'database', ...args]) : made,
  )
}
