// Loaded before a restore by its crash test: kills the process before it renames the n-th thing of all into place.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import process from 'node:process'

const nth = Number(process.env.SUNDRY_TEST_MOVES)
let seen = 0
const rename = fs.renameSync
fs.renameSync = (from, to) => {
  if (String(from).includes('.restoring') && ++seen === nth) process.kill(process.pid, 'SIGKILL')
  rename(from, to)
}
syncBuiltinESMExports()
