import { readFileSync } from 'node:fs'
import path from 'node:path'
import { cookieOf, customer, type Customer } from './people.ts'
import { ask, askWithBytes, expectRefusal, form } from './raw-request.ts'
import { expect, test, visitorOptions } from './shop.ts'
import { storedRows } from './stored-rows.ts'

let bob: Customer
let ownerCookie: string
let secret: string

test.beforeAll(async ({ browser, shop, mailbox, ownerCookies }) => {
  const page = await (await browser.newContext(visitorOptions(shop))).newPage()
  bob = await customer(shop, page, mailbox, 'bob@example.com')
  const context = await browser.newContext({ ...visitorOptions(shop), storageState: ownerCookies })
  ownerCookie = await cookieOf(await context.newPage())
  secret = readFileSync(path.join(shop.dataDir, 'secret'), 'utf8').trim()
})

test.describe('the same gate, however an address is written', () => {
  const spellings = (address: string): string[] => {
    const [first = '', ...rest] = address.slice(1).split('/')
    const below = rest.length > 0 ? `/${rest.join('/')}` : ''
    return [
      `${address}/`,
      `${address}//`,
      `/${address}`,
      `//${first}${below}`,
      `/${first}/${below}`,
      `/./${first}${below}`,
      `/x/../${first}${below}`,
      `/${first.toUpperCase()}${below.toUpperCase()}`,
      `/${first[0]?.toUpperCase()}${first.slice(1)}${below}`,
      `/%${first.charCodeAt(0).toString(16)}${first.slice(1)}${below}`,
      `/${first}%2f${rest.join('%2f')}`,
      `/${first}%5c${rest.join('%5c')}`,
      `/${first};a=b${below}`,
      `/${first}%00${below}`,
      `/${first}%20${below}`,
      `/${first}.${below}`,
      `/${first}/.${below}`,
      `/${first}..;/${rest.join('/')}`,
      `${address}.json`,
      `${address}/__data.json`,
      `${address}%3f`,
      `${address}#x`,
      `${address}?x=/../..`,
      `${address}/index.html`,
      `/${first}%252f${rest.join('%252f')}`,
      `/p/../${first}${below}`,
      `/pages/..%2f${first}${below.replaceAll('/', '%2f')}`,
    ]
  }

  test('what only the owner may see stays hidden from members and from nobody', async ({
    shop,
  }) => {
    const secrets = [bob.email, 'Payments</h1>', 'pi_', 'secret']
    for (const address of [
      '/admin/orders',
      '/admin/customers',
      `/admin/orders/${bob.orderId}`,
      '/admin/payments',
      '/mailbox',
      '/sandbox/objects',
    ]) {
      for (const spelling of spellings(address)) {
        for (const cookie of ['', 'sundry_session=forged.forged']) {
          const answer = await ask(shop.port, {
            path: spelling,
            headers: { cookie, accept: 'text/html' },
          })
          expect(answer.status, spelling).toBeLessThan(500)
          for (const one of secrets) {
            const shown = answer.text.replace(/<script[\s\S]*?<\/script>/g, '')
            expect(shown.includes(one), `${spelling} shows ${one}`).toBe(false)
          }
        }
        const asMember = await ask(shop.port, { path: spelling, headers: { cookie: bob.cookie } })
        expect(asMember.status, `${spelling} as a member`).toBeLessThan(500)
        // Data for the client router comes with 200 whatever it says; it says that there is nothing.
        if (spelling.endsWith('__data.json') && asMember.status === 200)
          expect(asMember.text, spelling).toMatch(/"type":"error".*"status":404|"type":"redirect"/)
        else expect(asMember.status, `${spelling} as a member`).not.toBe(200)
      }
    }
  })

  test('a bought file is handed out to its buyer alone', async ({ shop }) => {
    const file = `/downloads/${bob.entitlementId}/${bob.versionId}`
    for (const spelling of spellings(file)) {
      const answer = await ask(shop.port, { path: spelling })
      expect(answer.status, spelling).toBeGreaterThanOrEqual(300)
      expect(answer.status, spelling).toBeLessThan(500)
      expect(answer.headers['content-disposition'], spelling).toBeUndefined()
    }
  })

  test('no address leads out of the folder of the files', async ({ shop }) => {
    for (const door of [
      '/images',
      '/avatars',
      '/downloads',
      '/pictures',
      '/_app',
      '/_app/immutable',
      '/sandbox',
      '/sandbox/c',
    ]) {
      for (const up of [
        '../',
        '..%2f',
        '%2e%2e/',
        '%2e%2e%2f',
        '..%5c',
        '..\\',
        '....//',
        '%252e%252e%252f',
        '..%c0%af',
        '.%2e/',
        '%2e%2e%5c',
        '/',
        '%2f',
      ]) {
        for (const target of [
          'secret',
          'etc/passwd',
          'package.json',
          'v1/customers',
          '_sandbox/clock',
          'files/images',
        ]) {
          const answer = await ask(shop.port, {
            path: `${door}/${up.repeat(target === 'etc/passwd' ? 9 : 3)}${target}`,
            headers: { accept: '*/*' },
          })
          const what = `${door}/${up}...${target} -> ${answer.status}`
          expect(answer.status, what).toBeLessThan(500)
          expect(answer.text.includes(secret), what).toBe(false)
          expect(answer.text.includes('root:x:0'), what).toBe(false)
          expect(answer.text.includes('"dependencies"'), what).toBe(false)
          expect(answer.text.includes('"object":'), what).toBe(false)
        }
      }
    }
    // One step is enough to leave the pages that buyers may use.
    for (const path of [
      '/sandbox/c/..%2f_sandbox/clock',
      '/sandbox/c/pay/..%2f..%2fobjects',
      '/sandbox/c%2f..%2fobjects',
    ]) {
      for (const cookie of ['', bob.cookie]) {
        const answer = await ask(shop.port, { path, headers: { cookie } })
        expect([303, 404], path).toContain(answer.status)
      }
    }
  })

  test('a picture is found by its whole name only', async ({ shop, owner }) => {
    await owner.goto('/admin/products')
    const [image] = await shop.query<{ id: string }>('select id from image limit 1')
    const id = image?.id ?? '6d63ca7b-7466-4f24-a14d-d9f2f6232f39'
    for (const name of [
      id,
      `${id}.svg`,
      `${id}-99999.webp`,
      `${id}-800.html`,
      `${id}-800.webp.html`,
      `${id}-0.webp`,
      `${id}--1.webp`,
      '.webp',
      '-.webp',
    ])
      expectRefusal(await ask(shop.port, { path: `/images/${name}` }), name, [404])
  })
})

test.describe('hosts, methods and headers', () => {
  test('M39: the public address comes from the settings, whatever Host and its relatives say', async ({
    shop,
  }) => {
    const lies: readonly Record<string, string>[] = [
      { host: 'evil.example' },
      { host: `evil.example:${shop.port}` },
      { host: `localhost:${shop.port}`, 'x-forwarded-host': 'evil.example' },
      { host: `localhost:${shop.port}`, 'x-forwarded-proto': 'https', 'x-forwarded-port': '1' },
      { host: `localhost:${shop.port}`, forwarded: 'host=evil.example;proto=https' },
      {
        host: `localhost:${shop.port}`,
        'x-sundry-host': 'evil.example',
        'x-sundry-protocol': 'https',
        'x-sundry-public': '1',
      },
      {
        host: `localhost:${shop.port}`,
        'x-original-url': '/admin/orders',
        'x-rewrite-url': '/admin/orders',
      },
      {
        host: `localhost:${shop.port}`,
        'x-sveltekit-pathname': '/admin/orders',
        'x-sveltekit-search': '?a',
      },
      {
        host: `localhost:${shop.port}`,
        'x-http-method-override': 'DELETE',
        'x-method-override': 'POST',
      },
    ]
    for (const headers of lies) {
      for (const address of [
        '/',
        '/p/tidemarks',
        '/sitemap.xml',
        '/robots.txt',
        '/sign-in?next=/dashboard',
      ]) {
        const answer = await ask(shop.port, { path: address, headers })
        const what = `${address} ${JSON.stringify(headers)}`
        expect(answer.status, what).toBeLessThan(500)
        expect(answer.text, what).not.toContain('evil.example')
        expect(answer.text, what).not.toContain('Orders</h1>')
        expect(JSON.stringify(answer.headers), what).not.toContain('evil.example')
      }
    }
    // What was asked for under a false name is not kept for those who come under the right one.
    const honest = await ask(shop.port, { path: '/p/tidemarks' })
    expect(honest.text).not.toContain('evil.example')
    expect(honest.text).toContain(`<link rel="canonical" href="${shop.origin}/p/tidemarks"`)
  })

  test('a code asked for under a false name leads to the right address', async ({
    shop,
    mailbox,
  }) => {
    const answer = await ask(
      shop.port,
      form(
        shop.port,
        '/sign-in?/code',
        { email: 'host@example.com' },
        {
          host: 'evil.example',
          'x-forwarded-host': 'evil.example',
        },
      ),
    )
    expect(answer.status).toBe(303)
    const mail = await mailbox.mail('host@example.com', /code/i)
    expect(mail.text).not.toContain('evil')
    expect(mail.links.length).toBeGreaterThan(0)
  })

  test('the owner’s pages are not for frames, and personal pages are not kept', async ({
    shop,
  }) => {
    for (const [address, cookie] of [
      ['/', ''],
      ['/', bob.cookie],
      ['/dashboard', bob.cookie],
      [`/checkout/${bob.checkoutId}`, bob.cookie],
      ['/sign-in', ''],
      ['/admin/orders', ownerCookie],
      ['/mailbox', ownerCookie],
      ['/nowhere', ''],
    ] as const) {
      const { headers } = await ask(shop.port, {
        path: address,
        headers: { cookie, accept: 'text/html' },
      })
      const policy = String(headers['content-security-policy'])
      expect(policy, address).toMatch(/frame-ancestors 'none'/)
      expect(policy, address).not.toMatch(/script-src[^;]*unsafe/)
      expect(headers['x-content-type-options'], address).toBe('nosniff')
      expect(headers['referrer-policy'], address).toBeTruthy()
      if (cookie || address !== '/') expect(headers['cache-control'], address).toMatch(/no-store/)
    }
  })

  test('a page made for a member is never shown to somebody else', async ({ shop }) => {
    await ask(shop.port, { path: '/', headers: { cookie: bob.cookie } })
    const nobody = await ask(shop.port, { path: '/' })
    expect(nobody.text).not.toContain(bob.email)
    expect(nobody.headers['set-cookie']).toBeUndefined()
  })

  test('methods that mean nothing here are refused and change nothing', async ({ shop }) => {
    const before = await storedRows(shop)
    for (const method of ['PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND', 'LINK']) {
      for (const address of [
        '/',
        '/p/tidemarks',
        '/buy',
        '/webhooks/stripe',
        '/dashboard',
        `/admin/orders/${bob.orderId}/refund`,
        '/sign-out',
      ]) {
        const answer = await ask(shop.port, {
          method,
          path: address,
          headers: { cookie: ownerCookie, origin: shop.origin },
        })
        expect(answer.status, `${method} ${address}`).toBeGreaterThanOrEqual(400)
        expect(answer.status, `${method} ${address}`).toBeLessThan(500)
      }
    }
    for (const address of ['/buy', '/webhooks/stripe'])
      expect((await ask(shop.port, { path: address })).status, `GET ${address}`).toBe(405)
    for (const address of ['/sitemap.xml', '/favicon.svg', '/healthz/x', `/avatars/${bob.orderId}`])
      expectRefusal(await ask(shop.port, form(shop.port, address, { a: 'b' })), `POST ${address}`)
    // Leaving by a link would let any page sign a member out.
    await ask(shop.port, { path: '/sign-out', headers: { cookie: bob.cookie } })
    await ask(shop.port, {
      path: '/dashboard/settings?/endOthers',
      headers: { cookie: bob.cookie },
    })
    expect(
      (await ask(shop.port, { path: '/dashboard', headers: { cookie: bob.cookie } })).status,
    ).toBe(200)
    expect(await storedRows(shop)).toEqual(before)
  })

  test('addresses and headers that are too long, cookies that are none', async ({ shop }) => {
    expectRefusal(await ask(shop.port, { path: `/${'a'.repeat(9_000)}` }), 'a long address', [400])
    expectRefusal(
      await ask(shop.port, { path: `/search?q=${'a'.repeat(9_000)}` }),
      'a long query',
      [400],
    )
    expect(
      (await ask(shop.port, { path: '/', headers: { 'x-a': 'a'.repeat(20_000) } })).status,
    ).toBe(431)
    for (const cookie of [
      'a'.repeat(8_000),
      'sundry_session=%%%',
      `sundry_session=${'a'.repeat(4_000)}`,
      'sundry_session="',
      'sundry_session=;sundry_session=',
      'sundry_session=x; '.repeat(200),
      '__proto__=x; constructor=y',
      'visitor=1; sundry_mailbox=1',
      `${bob.cookie.slice(0, -2)}xx`,
    ]) {
      expect(
        (await ask(shop.port, { path: '/', headers: { cookie } })).status,
        cookie.slice(0, 40),
      ).toBe(200)
      const closed = await ask(shop.port, { path: '/dashboard', headers: { cookie } })
      expect(closed.status, cookie.slice(0, 40)).toBe(303)
    }
  })

  test('M39: requests that two servers could read in two ways are refused', async ({ shop }) => {
    const host = `host: localhost:${shop.port}`
    for (const bytes of [
      `POST /buy HTTP/1.1\r\n${host}\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /admin HTTP/1.1\r\n${host}\r\n\r\n`,
      `POST /buy HTTP/1.1\r\n${host}\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello!`,
      `GET / HTTP/1.1\r\n${host}\r\nhost: evil.example\r\n\r\n`,
      `GET http://evil.example/ HTTP/1.1\r\n${host}\r\n\r\n`,
      `GET / HTTP/1.1\r\n\r\n`,
      `GET / HTTP/1.1\r\n${host}\r\nx: a\r\n b\r\n\r\n`.replace('\r\n b', '\n b'),
      `CONNECT evil.example:443 HTTP/1.1\r\n${host}\r\n\r\n`,
      `* / HTTP/1.1\r\n${host}\r\n\r\n`,
      'nonsense\r\n\r\n',
    ]) {
      const answer = await askWithBytes(shop.port, bytes)
      const statuses = answer.match(/^HTTP\/1\.1 \d\d\d/gm) ?? []
      expect(statuses.length, bytes).toBeLessThanOrEqual(1)
      expect(statuses[0] ?? 'HTTP/1.1 400', bytes).toMatch(/ 4\d\d$/)
    }
    expect((await ask(shop.port, { path: '/readyz' })).status).toBe(200)
  })

  test('health says nothing but that it lives', async ({ shop }) => {
    for (const address of ['/healthz', '/readyz']) {
      const answer = await ask(shop.port, { path: address })
      expect(answer.status).toBe(200)
      expect(answer.text.trim()).toMatch(/^(?:ok|ready)$/)
      expect(JSON.stringify(answer.headers)).not.toMatch(/sundry|node|express|kit|\d+\.\d+\.\d+/i)
    }
  })
})
