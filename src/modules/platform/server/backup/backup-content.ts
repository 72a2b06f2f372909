import { createHash } from 'node:crypto'
import type pg from 'pg'
import type { FileStorage } from '../storage-port.ts'
import { copyOut } from './copy.ts'
import {
  backupFormat,
  manifestName,
  schemas,
  secretMark,
  secretName,
  type Manifest,
} from './manifest.ts'
import { tarEnd, tarHeader, tarPadding } from './tar.ts'

/** Rows of a table are written in entries of about this size: their length must be known before they are. */
const batchBytes = 4 * 1024 * 1024
const filesAtOnce = 500

export interface BackupSource {
  /** In a transaction that reads one state of the whole database. */
  readonly client: pg.Client
  readonly storage: Pick<FileStorage, 'read'>
  readonly secret: string
  /** Whether the secret is one the program made itself and keeps beside the data. */
  readonly secretTravels: boolean
  readonly version: string
}

/** The bytes of a backup, not yet packed, as they come; returns what is in it. Holds a few megabytes in memory at most. */
export async function* backupContent(source: BackupSource): AsyncGenerator<Buffer, Manifest> {
  const { client } = source
  const entries: Record<string, string> = {}
  const entry = function* (name: string, body: Buffer): Generator<Buffer> {
    entries[name] = createHash('sha256').update(body).digest('hex')
    yield tarHeader(name, body.length)
    yield body
    yield tarPadding(body.length)
  }

  if (source.secretTravels) yield* entry(secretName, Buffer.from(`${source.secret}\n`))
  const tables: Manifest['tables'] = []
  for (const table of await tablesOf(client)) {
    let number = 0
    const rows = copyOut(
      client,
      `copy ${quoted(table.schema, table.name)} (${table.columns.map((name) => quoted(name)).join(', ')}) to stdout`,
    )
    let batch: Buffer[] = []
    let size = 0
    const flush = function* () {
      if (size === 0) return
      number++
      yield* entry(
        `tables/${table.schema}/${table.name}/${String(number).padStart(6, '0')}`,
        Buffer.concat(batch),
      )
      batch = []
      size = 0
    }
    let next = await rows.next()
    for (; !next.done; next = await rows.next()) {
      batch.push(next.value)
      size += next.value.length
      if (size >= batchBytes) yield* flush()
    }
    yield* flush()
    tables.push({ ...table, rows: next.value })
  }

  const files = { count: 0, bytes: 0, missing: [] as string[] }
  for (let after = ''; ;) {
    const { rows } = await client.query<{ key: string; size: string; sha256: string }>(
      `select storage_key as key, byte_size::text as size, sha256 from stored_file
       where storage_key > $1 order by storage_key limit ${filesAtOnce}`,
      [after],
    )
    for (const file of rows) {
      const size = Number(file.size)
      const name = `files/${file.key}`
      const digest = yield* fileEntry(source.storage, file.key, name, size)
      if (digest !== undefined) entries[name] = digest
      if (digest !== file.sha256) files.missing.push(file.key)
      else {
        files.count++
        files.bytes += size
      }
    }
    const last = rows.at(-1)
    if (!last) break
    after = last.key
  }

  const manifest: Manifest = {
    format: backupFormat,
    madeAt: await one<string>(
      client,
      `to_char(now() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`,
    ),
    version: source.version,
    shop: tables.some((table) => table.schema === 'public' && table.name === 'storage_home')
      ? await one<string>(client, `coalesce((select id::text from storage_home), '')`)
      : '',
    steps: (
      await client.query<Manifest['steps'][number]>(
        'select number, name, sha256 from migration order by number',
      )
    ).rows,
    sandboxSteps: tables.some((table) => table.schema === 'stripe_sandbox')
      ? (
          await client.query<{ name: string }>(
            'select name from stripe_sandbox.migration order by name',
          )
        ).rows.map((row) => row.name)
      : [],
    tables,
    sequences: await sequencesOf(client),
    files,
    secret: source.secretTravels ? 'inside' : 'outside',
    secretMark: secretMark(source.secret),
    entries: { ...entries },
  }
  yield* entry(manifestName, Buffer.from(JSON.stringify(manifest)))
  yield tarEnd
  return manifest
}

/**
 * A file's bytes as an entry; returns their digest. A file that is shorter than it should be is filled up with zeros (its length
 * was already said) and told as not whole by its digest; one that is gone is no entry and has no digest.
 */
async function* fileEntry(
  storage: Pick<FileStorage, 'read'>,
  key: string,
  name: string,
  size: number,
): AsyncGenerator<Buffer, string | undefined> {
  const stored = await storage.read(key)
  if (!stored) return undefined
  yield tarHeader(name, size)
  const hash = createHash('sha256')
  let left = size
  try {
    for await (const chunk of stored.stream as AsyncIterable<Buffer>) {
      if (left === 0) break
      const part = chunk.subarray(0, left)
      left -= part.length
      hash.update(part)
      yield part
    }
  } finally {
    stored.stream.destroy()
  }
  while (left > 0) {
    const zeros = Buffer.alloc(Math.min(left, 1024 * 1024))
    left -= zeros.length
    hash.update(zeros)
    yield zeros
  }
  yield tarPadding(size)
  return hash.digest('hex')
}

/** Every table of ours with the columns that hold something by themselves, in a fixed order. */
async function tablesOf(client: pg.Client): Promise<Omit<Manifest['tables'][number], 'rows'>[]> {
  const { rows } = await client.query<Omit<Manifest['tables'][number], 'rows'>>(
    `select n.nspname as schema, c.relname as name,
       (select array_agg(a.attname::text order by a.attnum) from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = any($1) and c.relkind = 'r'
     order by n.nspname, c.relname`,
    [[...schemas]],
  )
  return rows
}

/** Read after all rows were: a number given out meanwhile is left out, none is given out twice. */
async function sequencesOf(client: pg.Client): Promise<Manifest['sequences']> {
  const { rows } = await client.query<Manifest['sequences'][number]>(
    `select schemaname as schema, sequencename as name, last_value::text as value from pg_sequences
     where schemaname = any($1) order by 1, 2`,
    [[...schemas]],
  )
  return rows
}

async function one<Value>(client: pg.Client, text: string): Promise<Value> {
  const { rows } = await client.query<{ value: Value }>({ text: `select ${text} as value` })
  const [row] = rows
  if (!row) throw new Error('A question for one value gave no row.')
  return row.value
}

/** A name, or a name in a schema, as SQL takes it. */
export function quoted(...names: readonly string[]): string {
  return names.map((name) => `"${name.replaceAll('"', '""')}"`).join('.')
}
