// Loaded before a restore by its crash test: what a killed restore had begun, creating a database, makes its folder once more after
// the half was cleared away.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import path from 'node:path'

let isLeft = true
const { mkdirSync } = fs
fs.mkdirSync = (folder, options) => {
  if (isLeft && String(folder).endsWith('.restoring')) {
    isLeft = false
    mkdirSync(path.join(String(folder), 'postgres.new-1', 'base'), { recursive: true })
  }
  return mkdirSync(folder, options)
}
syncBuiltinESMExports()
