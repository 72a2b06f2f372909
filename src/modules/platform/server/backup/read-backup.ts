import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import { createGunzip } from 'node:zlib'
import type pg from 'pg'
import type { FileStorage } from '../storage-port.ts'
import { markKey } from '../storage-home.ts'
import { quoted } from './backup-content.ts'
import { copyIn } from './copy.ts'
import {
  backupFormat,
  manifestName,
  manifestShape,
  schemas,
  secretName,
  type Manifest,
} from './manifest.ts'
import { TarError, tarEntries, type TarEntry } from './tar.ts'

/** Nothing was restored; the message is for whoever asked for it. */
export class RestoreError extends Error {
  override name = 'RestoreError'
}

const mostManifestBytes = 200_000_000

/** Reads a backup to its end and compares every byte with what its list says. Throws RestoreError for one that is not whole. */
export async function examineBackup(
  file: string,
): Promise<{ manifest: Manifest; secret: string | undefined }> {
  const digests = new Map<string, string>()
  let told: unknown
  let secret: string | undefined
  try {
    for await (const entry of entriesOf(file)) {
      if (told !== undefined) throw new RestoreError(`${file} goes on after its end.`)
      if (entry.name === manifestName) {
        if (entry.size > mostManifestBytes)
          throw new TarError('The list of what is in it is too long.')
        told = JSON.parse((await buffer(entry.body)).toString())
        continue
      }
      const hash = createHash('sha256')
      const kept: Buffer[] = []
      for await (const chunk of entry.body) {
        hash.update(chunk)
        if (entry.name === secretName && entry.size < 10_000) kept.push(chunk)
      }
      if (entry.name === secretName) secret = Buffer.concat(kept).toString().trim()
      if (digests.has(entry.name)) throw new TarError(`${entry.name} is in it twice.`)
      digests.set(entry.name, hash.digest('hex'))
    }
  } catch (error) {
    throw notWhole(file, error)
  }
  const format = (told as { format?: unknown } | undefined)?.format
  if (typeof format === 'number' && format > backupFormat)
    throw new RestoreError(
      `${file} was written by a newer version of Sundry. Restore it with that version.`,
    )
  const manifest = manifestShape.safeParse(told)
  if (!manifest.success)
    throw new RestoreError(`${file} is no whole backup of Sundry: its list is missing.`)
  const listed = Object.entries(manifest.data.entries)
  const wrong = listed.find(([name, digest]) => digests.get(name) !== digest)
  if (wrong || listed.length !== digests.size)
    throw new RestoreError(
      `${file} is damaged: ${wrong?.[0] ?? 'something in it'} is not what it was. Nothing was restored; take an older backup.`,
    )
  return { manifest: manifest.data, secret }
}

export interface SchemaSteps {
  /** The program's migrations. */
  readonly shop: readonly {
    readonly number: number
    readonly name: string
    readonly sha256: string
    readonly sql: string
  }[]
  /** Those of its sandbox by their file's name. */
  readonly sandbox: ReadonlyMap<string, string>
}

/** Throws RestoreError when this program does not know how the shop of that backup was built. */
export function refuseUnknownSchema(manifest: Manifest, steps: SchemaSteps): void {
  const unknown =
    manifest.steps.find((step) => steps.shop[step.number - 1]?.sha256 !== step.sha256)?.name ??
    manifest.sandboxSteps.find((name) => !steps.sandbox.has(name))
  if (unknown !== undefined)
    throw new RestoreError(
      `The backup was made by version ${manifest.version} of Sundry, whose database this one does not know (${unknown}). Restore it with that version or a newer one, then start this one.`,
    )
}

/** Throws RestoreError when there is anything in the database that a restore would mix with. */
export async function refuseFullDatabase(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = any($1) and c.relkind in ('r', 'p', 'v', 'm', 'S') limit 1`,
    [[...schemas, 'pgboss']],
  )
  if (rows[0])
    throw new RestoreError(
      `The database is not empty (it has ${rows[0].name}). A backup is restored into an empty one only: create a new database and set DATABASE_URL to it.`,
    )
}

/** Throws RestoreError when the place for files holds something else than files of this very shop. */
export async function refuseFullStorage(storage: FileStorage, manifest: Manifest): Promise<void> {
  const stored = await storage.read(markKey)
  const mark = stored && (await buffer(stored.stream)).toString().trim()
  if (mark === manifest.shop && mark !== '') return
  if (mark !== undefined || (await storage.list('', 1)).length > 0)
    throw new RestoreError(
      'The place for files (STORAGE_URL) is not empty and does not hold the files of this shop. Set it to an empty one.',
    )
}

export interface Restored {
  readonly rows: number
  readonly files: number
}

/**
 * Brings everything into an empty database and the storage: in one transaction, which is committed last of all. The backup was
 * examined before. Throws when something does not fit; then the database is as empty as before.
 */
export async function restoreBackup(
  file: string,
  manifest: Manifest,
  target: {
    readonly client: pg.Client
    readonly storage: FileStorage
    readonly steps: SchemaSteps
  },
): Promise<Restored> {
  const { client, storage } = target
  const missing = new Set(manifest.files.missing)
  const rowsOf = new Map<string, number>()
  let files = 0
  await client.query('begin')
  try {
    await buildSchema(client, manifest, target.steps)
    const foreignKeys = await openTables(client, manifest)
    if (manifest.shop !== '') await storage.put(markKey, bytes(`${manifest.shop}\n`), 1_000)
    for await (const entry of entriesOf(file)) {
      const [kind = '', ...rest] = entry.name.split('/')
      if (kind === 'tables') {
        const [schema = '', name = ''] = rest
        const table = manifest.tables.find((one) => one.schema === schema && one.name === name)
        if (!table) throw new RestoreError(`${entry.name} belongs to no table.`)
        const columns = table.columns.map((column) => quoted(column)).join(', ')
        const rows = await copyIn(
          client,
          `copy ${quoted(schema, name)} (${columns}) from stdin`,
          entry.body,
        )
        rowsOf.set(`${schema}.${name}`, (rowsOf.get(`${schema}.${name}`) ?? 0) + rows)
      } else if (kind === 'files') {
        const key = rest.join('/')
        if (missing.has(key)) continue
        const { sha256 } = await storage.put(key, entry.body, entry.size)
        if (sha256 !== manifest.entries[entry.name])
          throw new RestoreError(`${key} changed on its way into the storage.`)
        files++
      }
    }
    for (const table of manifest.tables)
      if ((rowsOf.get(`${table.schema}.${table.name}`) ?? 0) !== table.rows)
        throw new RestoreError(`${table.name} should have ${table.rows} rows.`)
    await closeTables(client, manifest, foreignKeys)
    for (const { schema, name, value } of manifest.sequences)
      if (value !== null)
        await client.query('select setval($1::text::regclass, $2::bigint)', [
          quoted(schema, name),
          value,
        ])
    await askStripeAtOnce(client)
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw error
  }
  await client.query('analyze')
  return { rows: [...rowsOf.values()].reduce((sum, rows) => sum + rows, 0), files }
}

/** The schema exactly as it was when the backup was made; the program brings it up to date at its next start. */
async function buildSchema(
  client: pg.Client,
  manifest: Manifest,
  steps: SchemaSteps,
): Promise<void> {
  await client.query(
    'create table migration (number int primary key, name text not null, sha256 text not null, applied_at timestamptz not null default now())',
  )
  for (const step of manifest.steps) await client.query(steps.shop[step.number - 1]?.sql ?? '')
  if (manifest.sandboxSteps.length === 0) return
  await client.query('create schema stripe_sandbox')
  await client.query(
    'create table stripe_sandbox.migration (name text primary key, applied_at timestamptz not null default now())',
  )
  for (const name of manifest.sandboxSteps) await client.query(steps.sandbox.get(name) ?? '')
}

/** What was sold since the backup is asked for at the first start, not when the next look would have been due. */
async function askStripeAtOnce(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ found: boolean }>(
    `select to_regclass('public.stripe_cursor') is not null as found`,
  )
  if (rows[0]?.found) await client.query('update stripe_cursor set polled_at = null')
}

interface ForeignKey {
  readonly holder: string
  readonly name: string
  readonly definition: string
}

/** Empties the tables of what the schema's steps put there; nothing is checked or set off until all rows are there. */
async function openTables(client: pg.Client, manifest: Manifest): Promise<ForeignKey[]> {
  const { rows: foreignKeys } = await client.query<ForeignKey>(
    `select conrelid::regclass::text as holder, quote_ident(conname) as name, pg_get_constraintdef(oid) as definition
     from pg_constraint where contype = 'f' and connamespace = any($1::text[]::regnamespace[])`,
    [[...new Set(manifest.tables.map((table) => table.schema))]],
  )
  for (const key of foreignKeys)
    await client.query(`alter table ${key.holder} drop constraint ${key.name}`)
  const names = manifest.tables.map((table) => quoted(table.schema, table.name))
  for (const name of names) await client.query(`alter table ${name} disable trigger user`)
  await client.query(`truncate ${names.join(', ')}`)
  return foreignKeys
}

/** Setting a foreign key again checks every row. */
async function closeTables(
  client: pg.Client,
  manifest: Manifest,
  foreignKeys: readonly ForeignKey[],
): Promise<void> {
  for (const table of manifest.tables)
    await client.query(`alter table ${quoted(table.schema, table.name)} enable trigger user`)
  for (const key of foreignKeys)
    await client.query(`alter table ${key.holder} add constraint ${key.name} ${key.definition}`)
}

async function* entriesOf(file: string): AsyncGenerator<TarEntry> {
  const packed = createReadStream(file, { highWaterMark: 256 * 1024 })
  const plain = createGunzip()
  packed.on('error', (error) => plain.destroy(error))
  try {
    yield* tarEntries(packed.pipe(plain))
  } finally {
    packed.destroy()
    plain.destroy()
  }
}

async function* bytes(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text)
}

function notWhole(file: string, error: unknown): Error {
  if (error instanceof RestoreError) return error
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return new RestoreError(`There is no file ${file}.`)
  if (error instanceof TarError || error instanceof SyntaxError || code?.startsWith('Z_') === true)
    return new RestoreError(
      `${file} is no whole backup: ${message.replace(/\.$/, '')}. Nothing was restored; take another one.`,
    )
  return error instanceof Error ? error : new Error(message)
}
