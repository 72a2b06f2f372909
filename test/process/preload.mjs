// @ts-nocheck: it stands between a driver and its callers, with whatever overload they use.
// Loaded before the real program by the crash tests (node --import): kills this process, as hard as a power cut would,
// at the n-th statement that fits a pattern. The program itself knows nothing of it.
import { writeFileSync } from 'node:fs'
import process from 'node:process'
import pg from 'pg'

const { SUNDRY_TEST_KILL: kill, SUNDRY_TEST_RUNTIME: runtimeFile } = process.env

if (kill) {
  /** @type {{ pattern: string, when: 'before' | 'after', nth: number }} */
  const { pattern, when, nth } = JSON.parse(kill)
  const wanted = new RegExp(pattern, 'i')
  let seen = 0
  const die = () => process.kill(process.pid, 'SIGKILL')
  const query = pg.Client.prototype.query
  pg.Client.prototype.query = function (...args) {
    const text =
      typeof args[0] === 'string' ? args[0] : (args[0]?.text ?? args[0]?.cursor?.text ?? '')
    if (typeof text !== 'string' || !wanted.test(text) || ++seen !== nth)
      return query.apply(this, args)
    if (when === 'before') {
      die()
      return new Promise(() => {})
    }
    const last = args.at(-1)
    if (typeof last === 'function') {
      args[args.length - 1] = () => die()
      return query.apply(this, args)
    }
    return query.apply(this, args).then(die)
  }
}

if (runtimeFile) {
  // What the program handed to its application: where the sandbox listens.
  const waiting = setInterval(() => {
    const runtime = Reflect.get(globalThis, Symbol.for('sundry.runtime'))
    if (!runtime) return
    clearInterval(waiting)
    writeFileSync(
      runtimeFile,
      JSON.stringify({ sandbox: runtime.sandbox, databaseUrl: runtime.databaseUrl }),
    )
  }, 5)
  waiting.unref()
}
