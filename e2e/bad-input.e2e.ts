import { createHmac, randomUUID } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { sandboxSecrets } from '../server/sandbox.ts'
import { holderOf } from '../test/process/program.ts'
import { actionsIn, addresses } from './page-addresses.ts'
import { cookieOf, customer, type Customer } from './people.ts'
import { ask, expectRefusal, form, type RawRequest } from './raw-request.ts'
import { aService, givesSessions, hasAppointment, opensOnWeekdays } from './services.ts'
import { expect, test, visitorOptions, type Shop } from './shop.ts'
import { storedRows } from './stored-rows.ts'

let bob: Customer
let eve: Customer
let owner: { cookie: string; productId: string }

test.beforeAll(async ({ browser, shop, mailbox, ownerCookies }) => {
  const visit = async () => (await browser.newContext(visitorOptions(shop))).newPage()
  bob = await customer(shop, await visit(), mailbox, 'bob@example.com')
  eve = await customer(shop, await visit(), mailbox, 'eve@example.com')
  const context = await browser.newContext({
    ...visitorOptions(shop),
    storageState: ownerCookies,
  })
  const [product] = await shop.query<{ id: string }>('select id from product limit 1')
  owner = { cookie: await cookieOf(await context.newPage()), productId: product?.id ?? '' }
})

/** Asks for all of it; each must be refused in words, and nothing may have been stored afterwards. */
async function refusesAll(
  shop: Shop,
  requests: readonly RawRequest[],
  statuses?: readonly number[],
): Promise<void> {
  const before = await storedRows(shop)
  for (const request of requests) {
    const what = `${request.method ?? 'GET'} ${request.path.slice(0, 120)} ${String(request.body ?? '').slice(0, 80)}`
    expectRefusal(await ask(shop.port, request), what, statuses)
  }
  expect(await storedRows(shop)).toEqual(before)
}

const member = (who: { cookie: string }) => ({ cookie: who.cookie })

const nonsense = [
  'x',
  '0',
  '-1',
  '1%20or%201=1',
  "'--",
  '%00',
  'null',
  'undefined',
  'constructor',
  '__proto__',
  '%F0%9F%92%A9',
  '%E2%80%AE',
  '%25',
  '%5B%5D',
  '%3Cscript%3E',
  'a'.repeat(3_000),
  '00000000-0000-0000-0000-000000000000',
]

test.describe('ids that lead nowhere', () => {
  test('are 404 in words, whatever stands in them, for nobody, a member and the owner', async ({
    shop,
  }) => {
    for (const value of [...nonsense, randomUUID()]) {
      const values = {
        id: value,
        slug: value,
        token: value,
        path: value,
        entitlement: value,
        version: value,
        file: value,
        name: value,
        reason: value,
        order: value,
        code: value,
        dispute: value,
        act: value,
        table: value,
        section: value,
        checkout: value,
        category: value,
        key: value,
        subscription: value,
        move: value,
        invoice: value,
        product: value,
      }
      const fixed = new Set(addresses('', new Proxy(values, { get: () => 'FIXED' })))
      const withIds = addresses('', values)
        .filter((address) => !fixed.has(address))
        // The page of a code tells nobody whether there is such a code: only pressing its button looks it up.
        .filter((address) => !address.startsWith('/code/'))
      for (const address of withIds) {
        for (const who of [{}, member(eve), member(owner)]) {
          const answer = await ask(shop.port, {
            path: address,
            headers: { accept: 'text/html', ...who },
          })
          // Nobody in particular is asked to sign in first where a member might have something.
          if (answer.status === 303) {
            expect(answer.headers.location, address).toMatch(/^\/sign-in\?next=%2F/)
            continue
          }
          expectRefusal(answer, `${address} ${JSON.stringify(who)}`, [400, 403, 404, 405])
        }
      }
    }
  })
})

test.describe("other people's things", () => {
  const notFound = async (shop: Shop, address: string, headers: Record<string, string>) => {
    const answer = await ask(shop.port, {
      path: address,
      headers: { accept: 'text/html', ...headers },
    })
    expect(answer.status, address).toBe(404)
    return answer.text
      .replaceAll(/reference:"\w+"|\b[0-9a-f]{8}\b/g, '')
      .replaceAll(/[0-9a-f-]{36}|[\w-]{32,}/g, '')
  }

  test('a purchase page opens by its own link only, not by ids, not by the session of Stripe [payments 78]', async ({
    shop,
  }) => {
    const none = `/checkout/${randomUUID()}`
    const his = `/checkout/${bob.checkoutId}`
    for (const query of [
      '',
      '?t=',
      `?t=${'A'.repeat(32)}`,
      `?session_id=${bob.sessionId}`,
      `?t=${bob.sessionId}&session_id=${bob.sessionId}`,
      `?t=${bob.checkoutId}`,
      `?t[]=a&t=b`,
    ]) {
      for (const who of [{}, member(eve)]) {
        // The same page as for an id that does not exist, but for the ids in it.
        expect(await notFound(shop, his + query, who)).toBe(await notFound(shop, none + query, who))
        expect((await ask(shop.port, { path: `${his}/back${query}`, headers: who })).status).toBe(
          404,
        )
      }
    }
    const open = await ask(shop.port, { path: his, headers: member(bob) })
    expect(open.status).toBe(200)
  })

  test("the link of one purchase does not open another's", async ({ shop, mailbox }) => {
    const receipt = await mailbox.mail(eve.email, /receipt/i)
    const token = new URL(receipt.links[0] ?? '').searchParams.get('t') ?? ''
    expect((await ask(shop.port, { path: `/checkout/${eve.checkoutId}?t=${token}` })).status).toBe(
      200,
    )
    await refusesAll(shop, [{ path: `/checkout/${bob.checkoutId}?t=${token}` }], [404])
  })

  test('products, receipts and files of another member are the same 404 as none', async ({
    shop,
  }) => {
    // Bob may book a time, and has one; Eve finds neither.
    await opensOnWeekdays(shop)
    const { productId } = await aService(shop, 'Only for Bob')
    await givesSessions(shop, bob.email, productId)
    const appointmentId = await hasAppointment(shop, bob.email, productId)
    for (const [his, none] of [
      [`/dashboard/book/${productId}`, `/dashboard/book/${randomUUID()}`],
      [`/dashboard/appointments/${appointmentId}`, `/dashboard/appointments/${randomUUID()}`],
      [
        `/dashboard/appointments/${appointmentId}/move`,
        `/dashboard/appointments/${randomUUID()}/move`,
      ],
      [`/dashboard/products/${bob.entitlementId}`, `/dashboard/products/${randomUUID()}`],
      [`/dashboard/receipts/${bob.orderId}`, `/dashboard/receipts/${randomUUID()}`],
    ] as const) {
      expect(await notFound(shop, his, member(eve))).toBe(await notFound(shop, none, member(eve)))
      expect((await ask(shop.port, { path: his, headers: member(bob) })).status).toBe(200)
    }
    const file = `/downloads/${bob.entitlementId}/${bob.versionId}`
    expect((await ask(shop.port, { path: file, headers: member(bob) })).status).toBe(200)
    await refusesAll(
      shop,
      [
        { path: file },
        { path: file, headers: member(eve) },
        { path: `${file}?expires=9999999999&signature=${'A'.repeat(32)}` },
        { path: `${file}?expires=9999999999&signature=` },
        { path: `${file}?expires=-1&signature=a` },
        { path: `${file}?expires=1e99&signature=a` },
        // Her entitlement does not lend itself to a file that is not in it.
        { path: `/downloads/${eve.entitlementId}/${randomUUID()}`, headers: member(eve) },
      ],
      [403, 404],
    )
  })

  test("a member cannot have another's receipt sent, end their session or sign them out", async ({
    shop,
  }) => {
    await refusesAll(
      shop,
      [form(shop.port, `/dashboard/receipts/${bob.orderId}?/send`, {}, member(eve))],
      [404],
    )
    const [session] = await shop.query<{ id: string }>(
      'select s.id from member_session s join member m on m.id = s.member_id where m.email = $1',
      [bob.email],
    )
    await ask(
      shop.port,
      form(
        shop.port,
        '/dashboard/settings?/endSession',
        { session: session?.id ?? '' },
        member(eve),
      ),
    )
    expect((await ask(shop.port, { path: '/dashboard', headers: member(bob) })).status).toBe(200)
  })

  test('every page and door of the owner: a member finds nothing there, nobody is asked to sign in', async ({
    shop,
  }) => {
    const values = {
      id: bob.orderId,
      slug: 'terms',
      path: 'objects',
      version: bob.versionId,
      invoice: randomUUID(),
      move: randomUUID(),
      dispute: bob.orderId,
      table: 'orders',
      section: 'about',
    }
    const doors = [
      ...addresses('/admin', values),
      '/admin',
      '/mailbox',
      '/sandbox/objects',
      '/sandbox',
    ]
    const before = await storedRows(shop)
    for (const address of doors) {
      const asMember = await ask(shop.port, {
        path: address,
        headers: { accept: 'text/html', ...member(eve) },
      })
      expectRefusal(asMember, `${address} as a member`, [404, 405])
      const asNobody = await ask(shop.port, { path: address, headers: { accept: 'text/html' } })
      if (asNobody.status === 303)
        expect(asNobody.headers.location).toBe(`/sign-in?next=${encodeURIComponent(address)}`)
      else expectRefusal(asNobody, `${address} as nobody`, [404, 405])
      for (const who of [{}, member(eve)]) {
        const posted = await ask(
          shop.port,
          form(shop.port, address, { reason: 'because', title: 'x' }, who),
        )
        if (posted.status === 303) expect(posted.headers.location).toMatch(/^\/sign-in\?next=/)
        else expectRefusal(posted, `POST ${address}`, [404, 405])
      }
    }
    expect(await storedRows(shop)).toEqual(before)
  })

  test('every action of the owner refuses a member and nobody', async ({ shop }) => {
    const product = `/admin/products/${owner.productId}`
    const [written] = await shop.query<{ id: string }>('select id from post limit 1')
    const post = `/admin/posts/${written?.id}`
    const actions = [
      ...actionsIn('(admin)/admin/products/[id]').map((name) => `${product}?/${name}`),
      ...actionsIn('(admin)/admin/calendar/hours').map((name) => `/admin/calendar/hours?/${name}`),
      ...actionsIn('(admin)/admin/coupons/[id]').map(
        (name) => `/admin/coupons/${randomUUID()}?/${name}`,
      ),
      ...actionsIn('(admin)/admin/subscriptions').map(
        (name) => `/admin/subscriptions?plan=${randomUUID()}&/${name}`,
      ),
      '/admin/subscriptions/give',
      ...actionsIn('(admin)/admin/subscriptions/price').map(
        (name) => `/admin/subscriptions/price?plan=${randomUUID()}&/${name}`,
      ),
      ...actionsIn('(admin)/admin/subscriptions/price/[move]').map(
        (name) => `/admin/subscriptions/price/${randomUUID()}?/${name}`,
      ),
      ...actionsIn('(admin)/admin/subscriptions/mirror').map(
        (name) => `/admin/subscriptions/mirror?/${name}`,
      ),
      ...actionsIn('(admin)/admin/posts/[id]').map((name) => `${post}?/${name}`),
      ...actionsIn('(admin)/admin/comments').map((name) => `/admin/comments?/${name}`),
      ...actionsIn('(admin)/admin/posts/[id]/mail').map((name) => `${post}/mail?/${name}`),
      `${post}/typed`,
      '/admin/posts/preview',
      '/admin/posts/categories?/rename',
      '/admin/posts/categories?/remove',
      '/admin/posts/new',
      `/admin/orders/${bob.orderId}?/receipt`,
      `/admin/orders/${bob.orderId}/refund`,
      `/admin/orders/${bob.orderId}/move`,
      `/admin/orders/${bob.orderId}?/assign`,
      `/admin/orders/${bob.orderId}/dispute/${randomUUID()}?/evidence`,
      `/admin/orders/${bob.orderId}/dispute/${randomUUID()}?/accept`,
      ...actionsIn('(admin)/admin/customers/[id]').map(
        (name) => `/admin/customers/${randomUUID()}?/${name}`,
      ),
      `/admin/customers/${randomUUID()}/give`,
      `/admin/customers/${randomUUID()}/refund/${randomUUID()}`,
      `/admin/withdrawals/${randomUUID()}`,
      ...actionsIn('(admin)/admin/payments').map((name) => `/admin/payments?/${name}`),
      ...actionsIn('(admin)/admin/settings').map((name) => `/admin/settings?/${name}`),
    ]
    expect(actions.length).toBeGreaterThan(20)
    const before = await storedRows(shop)
    const [state] = await shop.query('select * from product where id = $1', [owner.productId])
    for (const action of actions) {
      for (const who of [{}, member(eve)]) {
        const posted = await ask(shop.port, form(shop.port, action, { step: '1 day' }, who))
        if (posted.status === 303)
          expect(posted.headers.location, action).toMatch(/^\/sign-in\?next=/)
        else expectRefusal(posted, action, [404, 405])
      }
    }
    expect(await storedRows(shop)).toEqual(before)
    expect(await shop.query('select * from product where id = $1', [owner.productId])).toEqual([
      state,
    ])
  })
})

test.describe('bodies', () => {
  test('that are too large are refused before they are read, and memory stays flat [payments 16]', async ({
    shop,
  }) => {
    const big = new Uint8Array(5_000_000)
    const send = async (times: number) => {
      for (let round = 0; round < times; round++) {
        const answer = await ask(shop.port, {
          method: 'POST',
          path: '/webhooks/stripe',
          body: big,
          headers: { 'content-type': 'application/json', 'stripe-signature': 't=1,v1=a' },
        })
        expectRefusal(answer, '5 MB to the webhook', [413])
      }
    }
    const residentBytes = () =>
      Number(
        spawnSync('ps', ['-o', 'rss=', '-p', String(holderOf(shop.dataDir))], { encoding: 'utf8' })
          .stdout,
      ) * 1024
    // What passes through is collected late: the process grows by what a slow collector leaves, once.
    await send(40)
    const before = residentBytes()
    await send(200)
    // 1 GB went by. Kept it would all show; passed through, only how late it is collected.
    expect(residentBytes() - before).toBeLessThan(250_000_000)
    await refusesAll(
      shop,
      [
        { method: 'POST', path: '/buy', body: new Uint8Array(300_000) },
        { method: 'POST', path: '/sign-in?/code', body: new Uint8Array(300_000) },
        { method: 'PUT', path: '/', body: new Uint8Array(300_000) },
        {
          method: 'POST',
          path: '/dashboard/settings?/picture',
          body: new Uint8Array(20_100_000),
        },
        {
          method: 'POST',
          path: `/admin/products/${owner.productId}/files`,
          headers: { 'content-length': '7000000000' },
        },
      ],
      [413],
    )
  })

  test('whose length is not said, is said twice or is a lie are refused', async ({ shop }) => {
    await refusesAll(
      shop,
      [
        { ...form(shop.port, '/buy', { product: 'x' }), chunked: true },
        { method: 'POST', path: '/webhooks/stripe', body: '{}', chunked: true },
      ],
      [411],
    )
    const answer = await ask(shop.port, {
      method: 'POST',
      path: '/buy',
      headers: { 'content-length': '-5', 'content-type': 'application/x-www-form-urlencoded' },
    }).catch((error: Error) => error)
    if (!(answer instanceof Error)) expect(answer.status).toBe(400)
    expect((await ask(shop.port, { path: '/healthz' })).status).toBe(200)
  })

  test('that are no form, half a form or another kind of thing are refused at every form', async ({
    shop,
  }) => {
    const origin = `http://localhost:${shop.port}`
    const multipart = (
      body: string,
      type = 'multipart/form-data; boundary=b',
    ): Partial<RawRequest> => ({
      body,
      headers: { 'content-type': type, origin, accept: 'text/html' },
    })
    const bodies: readonly Partial<RawRequest>[] = [
      multipart('', 'multipart/form-data'),
      multipart('garbage'),
      multipart('--b\r\ncontent-disposition: form-data; name="product"\r\n\r\nx'),
      multipart(
        '--b\r\ncontent-disposition: form-data; name="email"; filename="x"\r\n\r\nx\r\n--b--\r\n',
      ),
      multipart('--b\r\n\r\n\r\n--b--\r\n'),
      { body: '{"product":{"$ne":null}}', headers: { 'content-type': 'application/json', origin } },
      { body: '%', headers: { 'content-type': 'application/x-www-form-urlencoded', origin } },
      {
        body: '%ff%fe=%00',
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin },
      },
      { body: '', headers: { 'content-type': 'application/x-www-form-urlencoded', origin } },
      { body: '&=&=&', headers: { 'content-type': 'application/x-www-form-urlencoded', origin } },
      {
        body: 'a=1&'.repeat(50_000),
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin },
      },
      {
        body: 'email=a&email=b&product=1&product=2',
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin },
      },
      {
        body: 'a[b][c][d]=1',
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin },
      },
      { body: '<xml/>', headers: { 'content-type': 'application/xml', origin } },
      { body: 'x', headers: { origin } },
    ]
    const doors = [
      '/buy',
      '/sign-in?/code',
      '/sign-in?/password',
      '/sign-in/code?request=x&/signIn',
      `/setup/${'A'.repeat(43)}`,
    ]
    const memberDoors = [
      ...['name', 'address', 'confirmAddress', 'password', 'picture'].map(
        (name) => `/dashboard/settings?/${name}`,
      ),
      '/dashboard/settings/your-data?/delete',
    ]
    await refusesAll(
      shop,
      doors.flatMap((door) => bodies.map((body) => ({ method: 'POST', path: door, ...body }))),
    )
    const before = await storedRows(shop)
    for (const door of memberDoors) {
      for (const body of bodies) {
        const answer = await ask(shop.port, {
          method: 'POST',
          path: door,
          ...body,
          headers: { ...body.headers, ...member(eve) },
        })
        expectRefusal(
          answer,
          `${door} ${JSON.stringify(body.headers)} ${String(body.body).slice(0, 60)}`,
        )
      }
    }
    expect(await storedRows(shop)).toEqual(before)
  })

  test('cut off in the middle leave nothing behind', async ({ shop }) => {
    const { askWithBytes } = await import('./raw-request.ts')
    const before = await storedRows(shop)
    const head = [
      `POST /admin/products/${owner.productId}/files HTTP/1.1`,
      `host: localhost:${shop.port}`,
      `origin: http://localhost:${shop.port}`,
      `cookie: ${owner.cookie}`,
      'content-type: multipart/form-data; boundary=b',
      'content-length: 100000',
      '',
      '--b\r\ncontent-disposition: form-data; name="file"; filename="half.pdf"\r\n\r\n%PDF-',
    ].join('\r\n')
    await askWithBytes(shop.port, head)
    expect(await storedRows(shop)).toEqual(before)
    expect((await ask(shop.port, { path: '/readyz' })).status).toBe(200)
  })
})

test.describe('what the form says about money is not believed', () => {
  interface Offer {
    product_id: string
    id: string
    amount_minor: string
  }
  const offers = (shop: Shop) =>
    shop.query<Offer>(
      `select p.product_id, p.id, p.amount_minor from price p join product on product.id = p.product_id
       where p.is_active and product.state = 'live' order by product.position, product.id`,
    )

  test('a price of another product, a price that is no more, a draft and made-up ids are refused', async ({
    shop,
  }) => {
    const [one, two] = await offers(shop)
    if (!one || !two) throw new Error('The example shop has two products.')
    await refusesAll(
      shop,
      [
        { product: randomUUID(), price: one.id },
        { product: one.id, price: one.product_id },
        { product: one.product_id },
        { price: one.id },
        {},
        { product: one.product_id.toUpperCase(), price: `${one.id} ` },
        { product: `${one.product_id}'`, price: one.id },
      ].map((fields) => form(shop.port, '/buy', fields as Record<string, string>)),
    )
    // A price that is not this product's (any more) leads back to the product, which shows what it costs.
    const before = await storedRows(shop)
    for (const price of [two.id, randomUUID()]) {
      const answer = await ask(
        shop.port,
        form(shop.port, '/buy', { product: one.product_id, price }),
      )
      expect(answer.status).toBe(303)
      expect(answer.headers.location).toMatch(/^\/p\/[\w-]+\?notice=price-changed$/)
    }
    expect(await storedRows(shop)).toEqual(before)
  })

  test('amount, quantity, currency, title and address fields change nothing', async ({ shop }) => {
    const [one] = await offers(shop)
    const answer = await ask(
      shop.port,
      form(shop.port, '/buy', [
        ['product', one?.product_id ?? ''],
        ['price', one?.id ?? ''],
        ['amount', '1'],
        ['unit_minor', '1'],
        ['quantity', '-3'],
        ['currency', 'IDR'],
        ['title', 'Free'],
        ['discount', '100'],
        ['email', 'bob@example.com'],
        ['member', bob.orderId],
        ['success_url', 'https://evil.example'],
      ]),
    )
    expect(answer.status).toBe(303)
    expect(answer.headers.location).toMatch(
      /^(?:http:\/\/localhost:\d+)?\/sandbox\/c\/pay\/cs_test_/,
    )
    const checkout = await shop.newestCheckout()
    const [stored] = await shop.query<Record<string, unknown>>(
      `select c.total_minor::int, c.currency, c.email, c.member_id, l.quantity, l.title
       from checkout c join checkout_line l on l.checkout_id = c.id where c.id = $1`,
      [checkout?.id],
    )
    expect(stored).toMatchObject({
      total_minor: Number(one?.amount_minor),
      currency: 'EUR',
      email: null,
      member_id: null,
      quantity: 1,
    })
    expect(stored?.title).not.toBe('Free')
  })

  test('the success address grants nothing by itself', async ({ shop }) => {
    expect(await shop.buy()).toBe(303)
    const checkout = await shop.newestCheckout()
    const before = await storedRows(shop)
    const answer = await ask(shop.port, {
      path: `/checkout/${checkout?.id}?session_id=${checkout?.stripe_session_id}&paid=1&state=paid`,
    })
    expect(answer.status).toBe(404)
    expect(await storedRows(shop)).toEqual(before)
  })
})

test.describe('the webhook', () => {
  const event = (id: string) =>
    JSON.stringify({
      id,
      object: 'event',
      api_version: '2026-10-28.endive',
      created: 1_700_000_000,
      livemode: false,
      type: 'checkout.session.completed',
      data: {
        object: { id: 'cs_test_forged', object: 'checkout.session', payment_status: 'paid' },
      },
    })
  const signed = async (shop: Shop, body: string, age = 0, secret?: string) => {
    const key =
      secret ??
      sandboxSecrets(readFileSync(path.join(shop.dataDir, 'secret'), 'utf8').trim()).webhookSecret
    // The shop's own clock decides about age.
    const [clock] = await shop.query<{ seconds: number }>(
      'select floor(extract(epoch from clock_now()))::float8 as seconds',
    )
    const at = (clock?.seconds ?? 0) - age
    return `t=${at},v1=${createHmac('sha256', key).update(`${at}.${body}`).digest('hex')}`
  }
  const delivery = (body: string, signature?: string): RawRequest => ({
    method: 'POST',
    path: '/webhooks/stripe',
    body,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      ...(signature === undefined ? {} : { 'stripe-signature': signature }),
    },
  })

  test('stores nothing that is not signed with its secret, just now, over exactly these bytes [commerce 10]', async ({
    shop,
  }) => {
    const body = event('evt_forged')
    const good = await signed(shop, body)
    await refusesAll(
      shop,
      [
        delivery(body),
        delivery(body, ''),
        delivery(body, 'v1=abc'),
        delivery(body, `t=${'9'.repeat(400)},v1=${'a'.repeat(64)}`),
        delivery(
          body,
          good.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
        ),
        delivery(body, await signed(shop, body, 0, '')),
        delivery(body, await signed(shop, body, 0, 'whsec_somebody_else')),
        delivery(body, await signed(shop, body, 8 * 60)),
        delivery(body.replace('cs_test_forged', 'cs_test_other'), good),
        delivery(JSON.stringify(JSON.parse(body), null, 2), good),
        delivery(`${body} `, good),
        delivery(body.slice(0, -1), good),
      ],
      [400],
    )
  })

  test('refuses in words what is signed and no event', async ({ shop }) => {
    for (const body of [
      '',
      '{',
      'null',
      '[]',
      '"evt"',
      '{"id":1}',
      '{"object":"event"}',
      '\u0000',
      '{"id":"evt_1","type":7}',
    ]) {
      await refusesAll(shop, [delivery(body, await signed(shop, body))], [400])
    }
  })
})

test.describe('other sites', () => {
  const foreign: readonly Record<string, string>[] = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://localhost.evil.example' },
    { origin: 'http://localhost' },
    { origin: 'https://evil.example', 'content-type': 'text/plain' },
    { origin: 'https://evil.example', 'content-type': 'multipart/form-data; boundary=x' },
  ]

  test('cannot post forms of ours, whoever is signed in', async ({ shop }) => {
    const doors: readonly (readonly [string, Record<string, string>])[] = [
      ['/buy', {}],
      ['/sign-out', member(bob)],
      ['/sign-in?/code', {}],
      ['/dashboard/settings?/name', member(bob)],
      ['/dashboard/settings/your-data?/delete', member(bob)],
      [`/dashboard/receipts/${bob.orderId}?/send`, member(bob)],
      [`/admin/orders/${bob.orderId}/refund`, member(owner)],
      [`/admin/orders/${bob.orderId}?/receipt`, member(owner)],
      ['/admin/payments?/advance', member(owner)],
      [`/admin/products/${owner.productId}/files`, member(owner)],
      ['/admin/products/preview', member(owner)],
      ['/sandbox/do/advance', member(owner)],
    ]
    await refusesAll(
      shop,
      doors.flatMap(([door, who]) =>
        foreign.map((headers) =>
          form(
            shop.port,
            door,
            { name: 'Eve', reason: 'x', step: '1 day' },
            { ...who, ...headers },
          ),
        ),
      ),
      [403],
    )
    // Nor without saying where the form stood.
    const { origin: _, ...bare } = form(shop.port, '/sign-out', {}, member(bob)).headers ?? {}
    expect(
      (await ask(shop.port, { method: 'POST', path: '/sign-out', headers: bare, body: '' })).status,
    ).toBe(403)
    expect((await ask(shop.port, { path: '/dashboard', headers: member(bob) })).status).toBe(200)
  })

  test('are never led to after signing in, however the address is disguised', async ({ shop }) => {
    for (const next of [
      'https://evil.example',
      '//evil.example',
      '///evil.example',
      '/\\evil.example',
      '\\\\evil.example',
      '/\tevil.example',
      '/%09/evil.example',
      '/%2F%2Fevil.example',
      '/%5Cevil.example',
      'javascript:alert(1)',
      'data:text/html,x',
      'http:evil.example',
      '/..//evil.example',
      '/.//evil.example',
      '/@evil.example',
      `//localhost:${shop.port}@evil.example`,
      '/\r\nlocation: https://evil.example',
      '%2F%2Fevil.example',
      '/sign-out',
    ]) {
      const answer = await ask(shop.port, {
        path: `/sign-in?next=${encodeURIComponent(next)}`,
        headers: member(bob),
      })
      expect(answer.status, next).toBe(303)
      const location = new URL(String(answer.headers.location), shop.origin)
      expect(location.origin, next).toBe(shop.origin)
      expect(location.pathname, next).not.toMatch(/^\/\//)
      expect(location.pathname, next).not.toBe('/sign-out')
    }
  })
})
