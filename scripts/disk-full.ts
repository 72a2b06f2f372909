// node scripts/disk-full.ts: fills the disk a shop lives on, sees that it reads on, refuses in words and loses nothing, makes room
// again, and audits. On Linux, as root: it mounts a small disk in memory.
import { execFileSync } from 'node:child_process'
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  writeSync,
} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { openDiskStorage } from '../src/modules/platform/server/storage-disk.ts'
import { ShopProcess } from '../test/process/shop.ts'
import { until } from '../test/until.ts'

if (os.platform() !== 'linux' || process.getuid?.() !== 0)
  stop('This mounts a small disk in memory: run it on Linux, as root.')

const disk = mkdtempSync(path.join(os.tmpdir(), 'sundry-small-disk-'))
const problems: string[] = []
let shop: ShopProcess | undefined
try {
  mount('300m')
  // Whatever the shop keeps, keeps for a while or says lies on this disk.
  process.env.TMPDIR = disk
  shop = new ShopProcess()
  await sellOnFullDisk(shop)
  await shop.stop()
  unmount()
  mount('5m')
  await storeOnFullDisk()
} finally {
  await shop?.kill().catch(() => undefined)
  unmount()
  rmSync(disk, { recursive: true, force: true })
}
process.stdout.write(problems.length === 0 ? 'all holds\n' : `${problems.join('\n')}\n`)
process.exit(problems.length === 0 ? 0 : 1)

/** M05, M26: the database, the log and everything else have no room. */
async function sellOnFullDisk(shop: ShopProcess): Promise<void> {
  await shop.start()
  if ((await shop.buy()) !== 303) problems.push('nothing was sold while there was room')
  const front = await fetch(shop.origin)
  await front.text()
  const ballast = fill(path.join(shop.dataDir, 'ballast'))
  let sold = 0
  let refused = 0
  // What the database has laid out beforehand takes some more; then there is nothing left.
  for (let at = 0; at < 20_000 && refused < 20; at++) {
    const status = await pressed(shop)
    if (status === 303) sold++
    else if (status === 503) refused++
    else if (status !== 429) problems.push(`“Buy” answered ${status} on a full disk`)
    if (problems.length > 5) break
  }
  if (refused === 0) problems.push('the disk was never full')
  const page = await fetch(shop.origin).catch(() => undefined)
  if (page?.status !== 200) problems.push(`the front page answered ${page?.status}`)
  process.stdout.write(`${sold} sold with no room left, then ${refused} refused\n`)

  rmSync(ballast)
  const again = shop
  await until('a purchase goes through again', async () => (await pressed(again)) === 303, 60_000)
  const [row] = await shop.query<{ stored: number }>(
    'select count(*)::int as stored from checkout where stripe_session_id is not null',
  )
  if ((row?.stored ?? 0) < sold + 1)
    problems.push(`${sold + 1} were sold, ${row?.stored} are there`)
  problems.push(...(await shop.brokenInvariants()))
}

/** Buys from another address each time: a person alone may not start so many. */
async function pressed(shop: ShopProcess): Promise<number | undefined> {
  const status = await shop.buy()
  if (status === 429) await shop.query('delete from rate_window').catch(() => undefined)
  return status
}

/** M26: files have no room. */
async function storeOnFullDisk(): Promise<void> {
  const files = openDiskStorage(path.join(disk, 'files'))
  const bytes = (count: number) =>
    (async function* () {
      for (let at = 0; at < count; at++) yield Buffer.alloc(100_000, at)
    })()
  await files.put('images/former.webp', bytes(10), 1e9)
  const error: unknown = await files.put('images/large.webp', bytes(100), 1e9).then(
    () => 'it was stored',
    (error: unknown) => error,
  )
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC'))
    problems.push(`a file that is too large for the disk: ${String(error)}`)
  if ((await files.read('images/large.webp')) !== undefined) problems.push('half a file is there')
  if (readdirSync(path.join(disk, 'files', '.drafts')).length > 0) problems.push('a draft is left')
  if ((await files.read('images/former.webp'))?.byteSize !== 1_000_000)
    problems.push('the former file is gone')
  await files.put('images/small.webp', bytes(10), 1e9)
}

/** Writes until nothing more goes. Returns the file. */
function fill(file: string): string {
  const handle = openSync(file, 'w')
  for (const size of [1_000_000, 4_096, 1]) {
    const piece = Buffer.alloc(size)
    for (;;) {
      try {
        writeSync(handle, piece)
      } catch {
        break
      }
    }
  }
  closeSync(handle)
  return file
}

function mount(size: string): void {
  mkdirSync(disk, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=755`, 'tmpfs', disk])
}

function unmount(): void {
  try {
    execFileSync('umount', ['-l', disk], { stdio: 'ignore' })
  } catch {
    // it was not mounted
  }
}

function stop(words: string): never {
  process.stderr.write(`${words}\n`)
  process.exit(1)
}
