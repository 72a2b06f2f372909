import { createHmac, randomBytes, randomUUID, createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import sharp from 'sharp'
import { requestBytes } from './connection.ts'
import { OpenLoad, summary, type Summary } from './open-load.ts'
import { shopSecret, withDatabase, type Shop } from './shop.ts'

/** Something that goes on beside a storefront whose latency is looked at. */
export interface Disturbance {
  stop(): Promise<string>
}

/** So many downloads of one large file at once, each read at so many bytes a second. The product must have been sold. */
export async function slowDownloads(
  shop: Shop,
  count: number,
  bytesPerSecond: number,
): Promise<Disturbance> {
  const address = await largeDownload(shop)
  const readers = Array.from({ length: count }, (_, n) =>
    slowReader(shop, address, n, bytesPerSecond),
  )
  const areUnderWay = () => readers.every((one) => one.isReading())
  for (let tries = 0; tries < 200 && !areUnderWay(); tries++) await pause(100)
  // The buffers of all connections are full only then; from now on as much goes out as is read.
  await pause(5_000)
  return {
    async stop() {
      const under = readers.filter((one) => one.isReading()).length
      readers.forEach((one) => one.close())
      return `${under} of ${count} under way`
    },
  }
}

function slowReader(shop: Shop, address: string, n: number, bytesPerSecond: number) {
  let status = ''
  const socket = connect(shop.port, '127.0.0.1')
  socket.on('error', () => undefined) // told by isReading
  socket.on('data', (chunk: Buffer) => {
    status ||= chunk.toString('latin1', 9, 12)
    socket.pause()
    // Not all in step.
    const ms = (chunk.length / bytesPerSecond) * 1_000 * (0.5 + Math.random())
    setTimeout(() => socket.resume(), ms)
  })
  socket.write(
    requestBytes('GET', address, {
      host: `localhost:${shop.port}`,
      'x-forwarded-for': `10.9.${n >> 8}.${n & 255}`,
    }),
  )
  return { isReading: () => status === '200' && !socket.destroyed, close: () => socket.destroy() }
}

/** A file of 40 MB in the product that was sold, and a signed link to it for one who bought it. */
async function largeDownload(shop: Shop): Promise<string> {
  const bytes = randomBytes(40_000_000)
  const key = `downloads/be/${randomUUID()}`
  mkdirSync(path.join(shop.folder, 'files/downloads/be'), { recursive: true })
  writeFileSync(path.join(shop.folder, 'files', key), bytes)
  const { entitlement, version } = await withDatabase(shop, async (client) => {
    const { rows } = await client.query<{ entitlement: string; version: string }>(
      `with sold as (
         select e.id, e.subject_id from entitlement e join product p on p.id = e.subject_id
         where p.slug = 'a-field-guide' and e.state = 'active' limit 1
       ), file as (
         insert into stored_file (id, storage_key, file_name, media_type, byte_size, sha256)
         values (gen_random_uuid(), $1, 'large.zip', 'application/zip', $2, $3) returning id
       ), item as (
         insert into download_item (product_id, position, item_kind, title)
         select subject_id, 1, 'file', 'A large file' from sold returning id
       ), version as (
         insert into download_version (item_id, file_id, number) select item.id, file.id, 1 from item, file returning id
       )
       select sold.id as entitlement, version.id as version from sold, version`,
      [key, bytes.length, createHash('sha256').update(bytes).digest('hex')],
    )
    return rows[0] ?? { entitlement: '', version: '' }
  })
  const expires = String(Math.floor(Date.now() / 1000) + 3_000)
  const signature = createHmac('sha256', shopSecret)
    .update(JSON.stringify(['download', entitlement, version, expires]))
    .digest('base64url')
    .slice(0, 32)
  return `/downloads/${entitlement}/${version}?expires=${expires}&signature=${signature}`
}

/** So many uploads of a picture of some megabytes under way all the time. */
export async function imageUploads(
  shop: Shop,
  owner: string,
  atOnce: number,
): Promise<Disturbance> {
  const side = 1_400
  const picture = await sharp(randomBytes(side * side * 3), {
    raw: { width: side, height: side, channels: 3 },
  })
    .png({ compressionLevel: 1 })
    .toBuffer()
  const product = await withDatabase(shop, async (client) => {
    const { rows } = await client.query<{ id: string }>(
      `select id from product where state = 'live' limit 1`,
    )
    return rows[0]?.id ?? ''
  })
  const boundary = 'the-bench-has-one-boundary'
  const body = Buffer.concat([
    Buffer.from(
      `--${boundary}\r\ncontent-disposition: form-data; name="picture"; filename="a.png"\r\ncontent-type: image/png\r\n\r\n`,
    ),
    picture,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ])
  const request = requestBytes(
    'POST',
    `/admin/products/${product}?/addPicture`,
    {
      host: `localhost:${shop.port}`,
      origin: shop.origin,
      cookie: owner,
      'content-type': `multipart/form-data; boundary=${boundary}`,
    },
    body,
  )
  const load = new OpenLoad({ port: shop.port, connections: atOnce, request: () => request })
  const end = new AbortController()
  const statuses = new Map<number, number>()
  const work = Array.from({ length: atOnce }, async () => {
    while (!end.signal.aborted) {
      const reply = await load.ask(request, performance.now())
      const status = reply?.status ?? 0
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
  })
  return {
    async stop() {
      end.abort()
      await Promise.all(work)
      load.close()
      return `${(picture.length / 1e6).toFixed(1)} MB each; answers: ${[...statuses].map(([status, n]) => `${n} x ${status}`).join(', ')}`
    },
  }
}

/** Sign-ins with a wrong password at a rate; tells how many the limiter answered. */
export async function wrongPasswords(
  shop: Shop,
  perSecond: number,
  seconds: number,
): Promise<{ readonly load: Summary; readonly limited: number }> {
  const request = requestBytes(
    'POST',
    '/sign-in?/password',
    {
      host: `localhost:${shop.port}`,
      origin: shop.origin,
      'content-type': 'application/x-www-form-urlencoded',
    },
    new URLSearchParams({ email: 'somebody@example.com', password: 'a wrong password' }).toString(),
  )
  let limited = 0
  const load = new OpenLoad({
    port: shop.port,
    connections: 64,
    request: () => request,
    accepts: ({ status }) => {
      if (status === 429) limited++
      return status === 429 || status === 400
    },
  })
  await load.run(perSecond, seconds)
  load.close()
  return { load: summary(load.visits, seconds), limited }
}

/** Senders that promise a form and send a byte of it a second. */
export function slowSenders(shop: Shop, count: number): Disturbance {
  const sockets: Socket[] = Array.from({ length: count }, () => {
    const socket = connect(shop.port, '127.0.0.1')
    socket.on('error', () => undefined) // whoever is let go is gone
    socket.write(
      `POST /sign-in?/password HTTP/1.1\r\nhost: localhost:${shop.port}\r\norigin: ${shop.origin}\r\n` +
        'content-type: application/x-www-form-urlencoded\r\ncontent-length: 1000\r\n\r\n',
    )
    return socket
  })
  const drip = setInterval(() => sockets.forEach((one) => one.writable && one.write('a')), 1_000)
  return {
    async stop() {
      clearInterval(drip)
      const open = sockets.filter((one) => !one.destroyed).length
      sockets.forEach((one) => one.destroy())
      return `${open} of ${count} still sending`
    },
  }
}
