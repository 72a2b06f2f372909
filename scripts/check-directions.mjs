// Who may import whom: a module only from modules of a lower rank, and of those only the public face. So no cycle
// can be written. Prints each breach; exit 1 when there is one. The table is that of docs/architecture.md.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'

/** @type {Record<string, number>} */
const ranks = {
  platform: 0,
  accounts: 1,
  site: 1,
  notifications: 2,
  payments: 2,
  entitlements: 2,
  catalog: 2,
  coupons: 2,
  orders: 3,
  memberships: 3,
  community: 4,
  content: 3,
  chat: 3,
  clients: 3,
  downloads: 4,
  bundles: 4,
  booking: 4,
  cart: 4,
  licences: 4,
  numbers: 4,
  privacy: 4,
  setup: 4,
  widgets: 4,
  boot: 5,
  routes: 6,
}

const files = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', 'src', 'server', 'sandbox'],
  { encoding: 'utf8' },
)
  .split('\n')
  .filter((file) => /\.(?:ts|svelte)$/.test(file) && existsSync(file))

/** @type {string[]} */
const breaches = []
let edges = 0

for (const file of files) {
  for (const target of importsOf(file)) {
    edges++
    const reason = breachOf(file, target)
    if (reason) breaches.push(`${file} -> ${target}: ${reason}`)
  }
}

if (breaches.length > 0) {
  process.stderr.write(
    breaches.join('\n') +
      `\n${breaches.length} imports against the directions (docs/architecture.md)\n`,
  )
  process.exit(1)
}
process.stdout.write(`directions: ${edges} imports in ${files.length} files, no breach\n`)

/** @param {string} file @returns {string[]} paths from the root of the project */
function importsOf(file) {
  const text = readFileSync(file, 'utf8')
  const found = []
  for (const match of text.matchAll(
    /(?:^|\n)\s*(?:import|export)\s[^'"\n;]*?(?:\{[^}]*\}[^'"\n;]*?)?from\s+['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)\s*import\s+['"]([^'"]+)['"]/g,
  )) {
    const target = match[1] ?? match[2] ?? match[3] ?? ''
    if (target.startsWith('#'))
      found.push(target.replace(/^#(modules|boot)\//, 'src/$1/').replace(/^#server\//, 'server/'))
    else if (target.startsWith('.')) found.push(path.join(path.dirname(file), target))
  }
  return found
}

/** @param {string} file @returns {string | undefined} */
function houseOf(file) {
  const [top, second, third] = file.split('/')
  if (top === 'src' && second === 'modules') return third
  if (top === 'src' && second === 'boot') return 'boot'
  if (top === 'src') return 'routes' // routes, hooks
  return top
}

/** @param {string} file @param {string} target @returns {string | undefined} */
function breachOf(file, target) {
  const [from, to] = [houseOf(file), houseOf(target)]
  if (from === undefined || to === undefined || from === to) return undefined
  if (from === 'sandbox') {
    // Its tests borrow a database from the launcher; the program itself never does.
    return file.includes('/testing/') ? undefined : 'the sandbox stands alone'
  }
  if (to === 'sandbox')
    return /\.test\.ts$|\.contract\.ts$/.test(file) || file.startsWith('server/')
      ? undefined
      : 'the sandbox is spoken to by HTTP'
  if (from === 'server' && to === 'test' && file.endsWith('.test.ts')) return undefined
  if (from === 'server') return 'the starting program imports nothing of the application'
  if (to === 'server') {
    // The two small files by which the starting program and the application know each other, and their types.
    return /^server\/(?:runtime|application|forwarded|settings|storage-address)\.ts$/.test(target)
      ? undefined
      : 'only the faces of server/: runtime, application, forwarded, storage-address'
  }
  if (to === 'test')
    return /\.test\.ts$|\.contract\.ts$/.test(file) ? undefined : 'test code stays in tests'
  const [mine, theirs] = [ranks[from], ranks[to]]
  if (mine === undefined || theirs === undefined)
    return `"${mine === undefined ? from : to}" has no rank`
  if (theirs >= mine) return `${to} (rank ${theirs}) is not below ${from} (rank ${mine})`
  if (to === 'boot') return undefined
  const inside = target.split('/').slice(3).join('/')
  if (inside.startsWith('ui/')) return undefined
  if (inside === 'server/index.ts') return undefined
  if (/^[a-z0-9-]+(?:\.contract)?\.ts$/.test(inside)) return undefined // types, schemas, ports and pure rules
  return `only the face of ${to} (server/index.ts, types, rules, ui)`
}
