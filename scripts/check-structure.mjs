// The house rules that a script can see: the vocabulary of file names, where SQL and time may be spoken of, and words
// that a text about the program itself never needs. Prints each breach; exit 1 when there is one.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'

/** Pages that print markup, and why it is safe there. Everything listed is made by our own renderers from escaped text. */
const allowedHtml = new Set(
  existsSync('scripts/allowed-html.json')
    ? JSON.parse(readFileSync('scripts/allowed-html.json', 'utf8')).map(
        (/** @type {{file: string}} */ entry) => entry.file,
      )
    : [],
)

/** @type {string[]} */
const breaches = []
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(file))

const modules = readdirSync('src/modules', { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)

for (const module of modules) {
  if (!existsSync(`src/modules/${module}/README.md`))
    report(`src/modules/${module}`, 'a module says in README.md what it is')
  if (module !== 'platform' && !existsSync(`src/modules/${module}/server/index.ts`)) {
    report(`src/modules/${module}`, 'a module has one face: server/index.ts')
  }
}

const emptyNames = /^(?:utils?|helpers?|misc|common|shared|lib|stuff|manager)(?:\.|$)/
const moduleEntries =
  /^(?:README\.md|server|ui|kinds|[a-z0-9]+(?:-[a-z0-9]+)*(?:\.(?:test|contract|svelte))?\.ts)$/
const serverEntries =
  /^(?:mails|providers|[a-z0-9]+(?:-[a-z0-9]+)*(?:\.(?:test|db\.test|contract))?\.ts|store(?:\.[a-z0-9-]+)?(?:\.db\.test)?\.ts)$/

for (const file of files) {
  const name = path.basename(file)
  if (/\.(?:ts|mjs|svelte)$/.test(name) && emptyNames.test(name))
    report(file, 'a file is named after its subject')
  const parts = file.split('/')
  if (parts[0] === 'src' && parts[1] === 'modules') {
    const [, , , place = '', inside] = parts
    if (!moduleEntries.test(place))
      report(file, `"${place}" is not a word of a module's vocabulary`)
    if (place === 'server' && parts[2] !== 'platform' && inside && !serverEntries.test(inside)) {
      report(file, `"${inside}" is not a word of a module's server vocabulary`)
    }
    if (
      place === 'ui' &&
      parts.length === 5 &&
      !/\.(?:svelte|svelte\.ts|ts|css|md)$|^fonts$/.test(name)
    ) {
      report(file, 'ui holds components')
    }
  }
}

const code = files.filter(
  (file) =>
    /\.(?:ts|mjs|svelte)$/.test(file) && !/generated|\.test\.ts$|\.contract\.ts$/.test(file),
)
for (const file of code) {
  const text = readFileSync(file, 'utf8')
  const lines = text.split('\n')
  const isSource = file.startsWith('src/')
  lines.forEach((line, index) => {
    const at = `${file}:${index + 1}`
    const words = line.replace(/^\s*(?:\/\/|\*|\/\*).*$/, '').replace(/\s\/\/ .*$/, '')
    if (isSource && !file.startsWith('src/modules/platform/')) {
      // I28: one clock. Instants are decided by clock_now() in the database.
      if (/\bDate\.now\(|\bnew Date\(\)/.test(words) && !file.endsWith('.svelte'))
        report(at, 'time comes from the one clock (platform/server/clock.ts)')
      if (/(?<![\w.])now\(\)(?!\s*\{)/.test(words) && /sql`|interval|select|where/.test(words))
        report(at, 'SQL asks clock_now(), not now()')
    }
    if (isSource && /\bsql(?:<[^`]*>)?`/.test(words) && !isStore(file))
      report(at, 'SQL stands in store files')
    if (
      isSource &&
      /\.(?:selectFrom|insertInto|updateTable|deleteFrom)\(/.test(words) &&
      !isStore(file)
    )
      report(at, 'queries stand in store files')
    if (isSource && /\bconsole\.\w+\(/.test(words)) report(at, 'the log is platform/server/log.ts')
    if (file !== 'scripts/check-structure.mjs' && /constructEventWithoutVerification/.test(words))
      report(at, 'an event is read only after its signature was checked')
    if (/\bprocess\.env\b/.test(words) && isSource && !file.endsWith('platform/server/log.ts'))
      report(at, 'settings are parsed once (server/settings.ts)')
    if (
      /\bTODO\b(?!\(issue)|\bFIXME\b|\bXXX\b/.test(line) &&
      file !== 'scripts/check-structure.mjs'
    )
      report(at, 'unfinished work is an issue, not a comment')
    if (isSource && /\{@html\b/.test(words) && !allowedHtml.has(file))
      report(
        at,
        '{@html} only with what a renderer of ours made; add the file to the list with its reason',
      )
  })
}

for (const file of files.filter(
  (file) =>
    /\.(?:ts|mjs|svelte|md|json|sql|css|html|yml)$|^\.ci\//.test(file) &&
    file !== 'scripts/check-structure.mjs',
)) {
  const text = readFileSync(file, 'utf8')
  // The project speaks of itself alone.
  if (/(?:^|[^.\w])\/(?:work|farm|root)\//m.test(text))
    report(file, 'it carries a path of one machine')
  if (/registry\.npmjs\.org|deb\.debian\.org/.test(text))
    report(file, 'it carries the address of a package registry')
}

for (const migration of readdirSync('migrations').filter((file) => file.endsWith('.sql'))) {
  const text = readFileSync(`migrations/${migration}`, 'utf8')
  if (!text.startsWith('--'))
    report(`migrations/${migration}`, 'a migration says on top why it is there')
  if (/uuidv7\(/.test(text)) report(`migrations/${migration}`, 'PostgreSQL 15 must understand it')
}

const lock = readFileSync('package-lock.json', 'utf8')
if (/"resolved":/.test(lock)) report('package-lock.json', 'the lock file names no registry')
for (const [name, version] of Object.entries(dependencies())) {
  if (!/^\d+\.\d+\.\d+/.test(version)) report('package.json', `${name} is not pinned exactly`)
}
const reasons = existsSync('docs/dependencies.md')
  ? readFileSync('docs/dependencies.md', 'utf8')
  : ''
for (const name of Object.keys(dependencies())) {
  if (!reasons.includes(`\`${name}\``))
    report('docs/dependencies.md', `${name} has no line of reasons`)
}

if (breaches.length > 0) {
  process.stderr.write(
    breaches.join('\n') + `\n${breaches.length} breaches of the structure (docs/architecture.md)\n`,
  )
  process.exit(1)
}
process.stdout.write(`structure: ${files.length} files, ${modules.length} modules, no breach\n`)

/** @param {string} where @param {string} what */
function report(where, what) {
  breaches.push(`${where}: ${what}`)
}

/** @param {string} file */
function isStore(file) {
  return (
    /\/server\/(?:[a-z-]+\/)*store[^/]*\.ts$/.test(file) ||
    file.startsWith('src/modules/platform/server/')
  )
}

/** @returns {Record<string, string>} */
function dependencies() {
  const {
    dependencies: run,
    devDependencies: build,
    optionalDependencies: optional,
  } = JSON.parse(readFileSync('package.json', 'utf8'))
  return { ...run, ...build, ...optional }
}
