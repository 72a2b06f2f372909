import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gunzipSync, gzipSync } from 'node:zlib'
import { sql } from 'kysely'
import { runtime } from '#server/runtime.ts'
import type { Db } from './database.ts'
import { storage } from './storage.ts'

/**
 * Scripts, styles and fonts of the builds that served this shop within the last two days, kept with the shop's files: a tab that
 * was open before an upgrade, and a page from one process whose script is asked of another, still find theirs. Their names hold
 * a digest of what is in them, so a name means the same bytes for ever.
 */
const folder = 'assets'
/** Of a build that serves, the kept copy is made young again by then; others go when they are this old. */
const refreshHours = 12
const keepHours = 48
const mostBuilds = 50
const limitBytes = 50_000_000
/** Names nobody knows are looked for in the storage so often at most. */
const lookAgainMs = 10_000

const assetsPath = '/_app/immutable/'

type Build = ReadonlyMap<string, Buffer>

/** Keeps what this program's build brings, unless that was done lately, and lets go of builds that are long gone. */
export async function keepAssets(db: Db): Promise<void> {
  const own = ownBuild()
  if (!own) return
  const stored = await storage().list(folder, mostBuilds)
  const { rows } = await sql<{ refresh: Date; keep: Date }>`
    select machine_now() - ${refreshHours} * interval '1 hour' as refresh, machine_now() - ${keepHours} * interval '1 hour' as keep
  `.execute(db)
  const [times] = rows
  if (!times) return
  const mine = stored.find(({ key }) => key === own.key)
  if (!mine || mine.modifiedAt < times.refresh)
    await storage().put(own.key, packed(own.build), limitBytes)
  for (const { key, modifiedAt } of stored)
    if (key !== own.key && modifiedAt < times.keep) await storage().remove(key)
}

/** A file of another build of this shop, by its path in the address. undefined: none that is kept. */
export async function formerAsset(address: string): Promise<Buffer | undefined> {
  const name = address.slice(assetsPath.length)
  for (const build of known.values()) if (build.has(name)) return build.get(name)
  await (looking ??= lookForBuilds().finally(() => {
    looking = undefined
  }))
  for (const build of known.values()) if (build.has(name)) return build.get(name)
  return undefined
}

const known = new Map<string, Build>()
let looking: Promise<void> | undefined
let lookedAt = Number.NEGATIVE_INFINITY

async function lookForBuilds(): Promise<void> {
  if (performance.now() - lookedAt < lookAgainMs) return
  const stored = await storage().list(folder, mostBuilds)
  lookedAt = performance.now()
  const keys = new Set(stored.map(({ key }) => key))
  for (const key of known.keys()) if (!keys.has(key)) known.delete(key)
  for (const key of keys) {
    const found = known.has(key) ? undefined : await storage().read(key)
    if (found) known.set(key, unpacked(await buffer(found.stream)))
  }
}

/** For tests: as a process that has just begun. */
export function forgetFormerAssets(): void {
  known.clear()
  lookedAt = Number.NEGATIVE_INFINITY
}

/** What lies in the folder of the build; undefined where the program runs without one. */
function ownBuild(): { readonly key: string; readonly build: Build } | undefined {
  const { assetsFolder } = runtime()
  if (assetsFolder === undefined) return undefined
  const names = assetNames(assetsFolder).toSorted()
  const digest = createHash('sha256').update(names.join('\n')).digest('hex').slice(0, 32)
  return {
    key: `${folder}/${digest}.gz`,
    build: new Map(names.map((name) => [name, readFileSync(path.join(assetsFolder, name))])),
  }
}

/** Names below the folder, with slashes; those that lie beside a file in packed form are left out. */
function assetNames(assetsFolder: string): string[] {
  return readdirSync(assetsFolder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.(?:br|gz)$/.test(entry.name))
    .map((entry) =>
      path.relative(assetsFolder, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'),
    )
}

async function* packed(build: Build): AsyncGenerator<Uint8Array> {
  const files = Object.fromEntries(
    [...build].map(([name, bytes]) => [name, bytes.toString('base64')]),
  )
  yield gzipSync(JSON.stringify(files))
}

function unpacked(bytes: Buffer): Build {
  const files: Record<string, string> = JSON.parse(gunzipSync(bytes).toString())
  return new Map(Object.entries(files).map(([name, text]) => [name, Buffer.from(text, 'base64')]))
}
