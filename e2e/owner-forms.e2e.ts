import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { actionsIn } from './page-addresses.ts'
import { cookieOf, sell } from './people.ts'
import { ask, expectRefusal, form, type RawAnswer, type RawRequest } from './raw-request.ts'
import { expect, test, visitorOptions } from './shop.ts'
import { storedRows } from './stored-rows.ts'

test.use({ ownShop: 'turned upside down' })

let cookie: string
let productId: string
let orderId: string
let couponId: string
let postId: string
let postSlug: string
let customerId: string
let questionId: string
let planId: string
let invoiceId: string

/** Saved, and led on to where it shows: a door that asks to sign in or to confirm took nothing. */
function expectTaken(answer: RawAnswer, what: string): void {
  expect(answer.status, what).toBe(303)
  expect(String(answer.headers.location), what).not.toContain('/sign-in')
}

test.beforeAll(async ({ browser, shop, ownerCookies }) => {
  const context = await browser.newContext({ ...visitorOptions(shop), storageState: ownerCookies })
  cookie = await cookieOf(await context.newPage())
  orderId = (await sell(shop, 'forms@example.com')).orderId
  const [buyer] = await shop.query<{ id: string }>(
    `select customer_id as id from shop_order where id = $1`,
    [orderId],
  )
  customerId = buyer?.id ?? ''
  const created = await ask(
    shop.port,
    form(shop.port, '/admin/products/new', { title: 'Test piece', kind: 'download' }, { cookie }),
  )
  const coupon = await ask(
    shop.port,
    form(
      shop.port,
      '/admin/coupons/new',
      { takesOff: 'percent', percent: '10', covers: 'all' },
      { cookie },
    ),
  )
  couponId = /coupons\/([0-9a-f-]{36})/.exec(String(coupon.headers.location))?.[1] ?? ''
  const plan = await ask(
    shop.port,
    form(
      shop.port,
      '/admin/subscriptions?/make',
      { title: 'Test plan', price: '5.00', unit: 'month', count: '1' },
      { cookie },
    ),
  )
  planId = /plan=([0-9a-f-]{36})/.exec(String(plan.headers.location))?.[1] ?? ''
  const [invoice] = await shop.query<{ id: string }>(
    `with held as (
       insert into subscription (id, backend_id, stripe_subscription_id, stripe_customer_id, customer_id, plan_id, plan_group,
         status, amount_minor, currency, interval_unit, interval_count, started_at, digest)
       select gen_random_uuid(), (select max(id) from stripe_backend), 'sub_odd', 'cus_odd', $1, $2, 'Membership',
         'canceled', 500, 'EUR', 'month', 1, clock_now(), '' returning id, backend_id
     ) insert into subscription_invoice (id, backend_id, subscription_id, stripe_invoice_id, status, reason, due_minor, paid_minor,
         currency, made_at)
       select gen_random_uuid(), backend_id, id, 'in_odd', 'paid', 'subscription_create', 500, 500, 'EUR', clock_now() from held
       returning id`,
    [customerId, planId],
  )
  invoiceId = invoice?.id ?? ''
  const [written] = await shop.query<{ id: string; slug: string }>(
    'select id, slug from post limit 1',
  )
  postId = written?.id ?? ''
  postSlug = written?.slug ?? ''
  productId = /products\/([0-9a-f-]{36})/.exec(String(created.headers.location))?.[1] ?? ''
  await ask(
    shop.port,
    form(
      shop.port,
      `/admin/products/${productId}?/addQuestion`,
      { question: 'Which?', answerKind: 'line' },
      { cookie },
    ),
  )
  const [question] = await shop.query<{ id: string }>(
    'select id from product_question where product_id = $1',
    [productId],
  )
  questionId = question?.id ?? ''
})

/** Of a long value so much that a form of all fields stays within what a form may bring: each field's own limit is meant. */
const everyField = (value: string): [string, string][] =>
  [
    'title',
    'slug',
    'summary',
    'descriptionMd',
    'position',
    'amount',
    'country',
    'basisPoints',
    'label',
    'rate',
    'image',
    'alt',
    'move',
    'order',
    'item',
    'version',
    'kind',
    'note',
    'url',
    'body',
    'language',
    'greeting',
    'directionsMd',
    'changes',
    'name',
    'sentence',
    'aboutMd',
    'ownerName',
    'contactEmail',
    'timeZone',
    'locale',
    'currency',
    'brandColour',
    'paper',
    'bodyMd',
    'reason',
    'event',
    'step',
    'q',
    'page',
    'text',
    'code',
    'takesOff',
    'percent',
    'covers',
    'products',
    'from',
    'until',
    'minimum',
    'mostUses',
    'mostUsesPerCustomer',
    'mostPerOrder',
    'question',
    'help',
    'answerKind',
    'choices',
    'isRequired',
    'id',
    'part',
    'seen',
    'to',
    'asksTerms',
    'suggested',
    'isOpen',
    'look',
    'density',
    'head',
    'fonts',
    'roundness',
    'hero',
    'section',
    'ground',
    'number',
    'price',
    'unit',
    'count',
    'trialDays',
    'tokenAllotment',
    'group',
    'tier',
    'enabled',
    'comment',
    'decision',
    'entry',
    'member',
    'about',
    'formId',
    'answers',
    'stamp',
    'after',
    'key',
    'left',
  ].map((name) => [name, value.slice(0, 2_500)])

const odd: Readonly<Record<string, string>> = {
  nothing: '',
  'a letter': 'x',
  NUL: 'a\u0000b',
  'half a character': 'a\ud800b',
  'control characters': '\u0001\u0008\u001b[31m\u007f\u0085',
  'text that turns around': '\u202e\u2066abc',
  'a made-up id': '6d63ca7b-7466-4f24-a14d-d9f2f6232f39',
  'a number that is none': '1e309',
  'a negative number': '-9223372036854775809',
  'a name of the language': '__proto__',
  'a question to the database': "'; drop table product; --",
  'a template': '{{7*7}}${7*7}<%= 7*7 %>',
  'very much': 'Ω'.repeat(60_000),
}

test('every form of the owner takes odd values or refuses them in words, and never breaks', async ({
  shop,
}) => {
  test.setTimeout(480_000)
  const product = `/admin/products/${productId}`
  const doors = [
    ...actionsIn('(admin)/admin/products/[id]')
      .filter((name) => name !== 'delete')
      .map((name) => `${product}?/${name}`),
    '/admin/products/new',
    ...actionsIn('(admin)/admin/products/taxes').map((name) => `/admin/products/taxes?/${name}`),
    '/admin/products/preview',
    '/admin/settings',
    '/admin/settings/ads',
    '/admin/settings/look',
    ...actionsIn('(admin)/admin/settings/look/front').map(
      (name) => `/admin/settings/look/front?/${name}`,
    ),
    '/admin/settings/look/front/about',
    '/admin/settings/pages/new',
    '/admin/settings/before-paying',
    ...actionsIn('(admin)/admin/calendar/hours').map((name) => `/admin/calendar/hours?/${name}`),
    '/admin/coupons/new',
    `/admin/coupons/${couponId}/edit`,
    ...actionsIn('(admin)/admin/coupons/[id]').map((name) => `/admin/coupons/${couponId}?/${name}`),
    // The imprint is needed below: one of these removes its page.
    ...actionsIn('(admin)/admin/settings/pages/[slug]').map(
      (name) => `/admin/settings/pages/terms?/${name}`,
    ),
    '/admin/posts/new',
    '/admin/posts/preview',
    '/admin/posts/categories?/rename',
    '/admin/posts/categories?/remove',
    ...actionsIn('(admin)/admin/posts/[id]/mail').map(
      (name) => `/admin/posts/${postId}/mail?/${name}`,
    ),
    `/admin/posts/${postId}/typed`,
    // What deletes it would leave nothing to send the others to.
    ...actionsIn('(admin)/admin/posts/[id]')
      .filter((name) => !name.startsWith('remove'))
      .map((name) => `/admin/posts/${postId}?/${name}`),
    ...actionsIn('(admin)/admin/settings/stripe').map((name) => `/admin/settings/stripe?/${name}`),
    ...actionsIn('(admin)/admin/settings/mail').map((name) => `/admin/settings/mail?/${name}`),
    ...actionsIn('(admin)/admin/setup').map((name) => `/admin/setup?/${name}`),
    '/admin/health',
    `/admin/orders/${orderId}/refund`,
    ...actionsIn('(admin)/admin/payments').map((name) => `/admin/payments?/${name}`),
  ]
  // Forms with a field or two that others have as well: a few values, to keep this short.
  const small = [
    '/admin/subscriptions/rules',
    '/admin/subscriptions/give',
    '/admin/setup/product',
    '/dashboard/profile',
    ...actionsIn('(admin)/admin/calendar/feed').map((name) => `/admin/calendar/feed?/${name}`),
    ...actionsIn('(account)/dashboard/appointments/feed').map(
      (name) => `/dashboard/appointments/feed?/${name}`,
    ),
    ...actionsIn('(admin)/admin/comments').map((name) => `/admin/comments?show=all&/${name}`),
    ...actionsIn('(store)/posts/[slug]').map((name) => `/posts/${postSlug}?/${name}`),
    ...actionsIn('(admin)/admin/settings/look/publish').map(
      (name) => `/admin/settings/look/publish?/${name}`,
    ),
    ...actionsIn('(admin)/admin/settings/look/history').map(
      (name) => `/admin/settings/look/history?/${name}`,
    ),
    ...actionsIn('(admin)/admin/settings/live').map((name) => `/admin/settings/live?/${name}`),
    ...actionsIn('(admin)/admin/subscriptions').map(
      (name) => `/admin/subscriptions?plan=${planId}&/${name}`,
    ),
    ...actionsIn('(admin)/admin/subscriptions/price').map(
      (name) => `/admin/subscriptions/price?plan=${planId}&/${name}`,
    ),
    ...actionsIn('(admin)/admin/subscriptions/price/[move]').map(
      (name) => `/admin/subscriptions/price/${planId}?/${name}`,
    ),
    ...actionsIn('(admin)/admin/subscriptions/mirror').map(
      (name) => `/admin/subscriptions/mirror?/${name}`,
    ),
    `/admin/orders/${orderId}/move`,
    ...actionsIn('(admin)/admin/orders/[id]').map((name) => `/admin/orders/${orderId}?/${name}`),
    ...actionsIn('(admin)/admin/customers/[id]').map(
      (name) => `/admin/customers/${customerId}?/${name}`,
    ),
    `/admin/customers/${customerId}/give`,
    `/admin/customers/${customerId}/refund/${invoiceId}`,
  ]
  const few = ['nothing', 'NUL', 'a made-up id', 'very much']
  for (const door of [...doors, ...small]) {
    for (const [what, value] of Object.entries(odd)) {
      if (small.includes(door) && !few.includes(what)) continue
      // A reason that is good is no odd value, and what was refunded is refunded.
      const fields = everyField(value).filter(
        ([name]) => !(door.endsWith('/refund') && name === 'reason' && value !== ''),
      )
      const answer = await ask(shop.port, form(shop.port, door, fields, { cookie }))
      expect(answer.status, `${what} at ${door}`).toBeLessThan(500)
      if (answer.status >= 400) expectRefusal(answer, `${what} at ${door}`)
      // What was taken can be shown.
      if (answer.status === 303) {
        const next = await ask(shop.port, {
          path: String(answer.headers.location).replace(shop.origin, ''),
          headers: { cookie },
        })
        expect(next.status, `${what} at ${door}, then`).toBeLessThan(500)
      }
    }
    for (const body of [
      'garbage',
      '--b\r\ncontent-disposition: form-data; name="title"\r\n\r\nx',
      '',
    ]) {
      const answer = await ask(shop.port, {
        method: 'POST',
        path: door,
        body,
        headers: {
          cookie,
          origin: shop.origin,
          'content-type': 'multipart/form-data; boundary=b',
          accept: 'text/html',
        },
      })
      expect(answer.status, `${door} with half a form`).toBeLessThan(500)
    }
  }
  for (const page of [
    '/',
    product,
    '/admin/settings',
    '/admin/products',
    '/sitemap.xml',
    '/search?q=x',
  ])
    expect((await ask(shop.port, { path: page, headers: { cookie } })).status, page).toBe(200)
})

test('one odd value among good ones is cleaned or refused in words', async ({ shop }) => {
  const forms: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    [
      `/admin/products/${productId}?/words`,
      {
        title: 'Test piece',
        slug: 'test-piece',
        summary: 'One',
        descriptionMd: 'Two',
        position: '3',
      },
    ],
    [`/admin/products/${productId}?/price`, { amount: '5' }],
    [`/admin/products/${productId}?/setTax`, { country: 'DE', basisPoints: '19', label: 'VAT' }],
    [`/admin/products/${productId}?/contentWords`, { greeting: 'Hello', directionsMd: 'Do this' }],
    [
      `/admin/products/${productId}?/addItem`,
      { kind: 'link', title: 'A link', note: '', url: 'https://example.com' },
    ],
    [
      `/admin/products/${productId}?/addItem`,
      { kind: 'snippet', title: 'A snippet', note: '', body: 'code', language: 'html' },
    ],
    [
      '/admin/settings',
      {
        name: 'Low Tide',
        sentence: 'Small tools',
        aboutMd: 'About',
        ownerName: 'Mara',
        contactEmail: 'mara@example.com',
        timeZone: 'Europe/Berlin',
        locale: 'en',
        currency: 'EUR',
      },
    ],
    [`/admin/products/${productId}?/limitPerOrder`, { mostPerOrder: '3' }],
    [
      `/admin/products/${productId}?/editQuestion`,
      {
        id: questionId,
        question: 'Which?',
        answerKind: 'choice',
        choices: 'This\nThat',
        help: '',
        isRequired: 'yes',
      },
    ],
    [
      `/admin/coupons/${couponId}/edit`,
      {
        code: 'SPRING',
        takesOff: 'percent',
        percent: '15',
        covers: 'all',
        from: '2026-12-01',
        until: '2026-12-24',
        minimum: '20',
        mostUses: '10',
        mostUsesPerCustomer: '1',
        note: 'A note',
      },
    ],
    [
      `/admin/posts/${postId}?/save`,
      {
        title: 'A post',
        slug: 'a-post',
        author: 'Ana',
        category: 'Tea',
        bodyMd: 'Words.',
        access: 'free',
        anyPlan: '',
        plans: '',
        products: '',
      },
    ],
    ['/admin/posts/new', { title: 'Another' }],
    ['/admin/settings/before-paying', { asksTerms: 'no', asksImmediateDelivery: 'no' }],
    ['/admin/settings/ads', { client: 'ca-pub-1234567890123456', front: '9876543210' }],
    [
      '/admin/settings/look',
      {
        brandColour: '#336688',
        paper: 'cool',
        fonts: 'figtree',
        roundness: 'round',
        hero: 'wide',
        density: 'close',
        head: 'bar',
      },
    ],
    ['/admin/settings/look/front/about', { title: 'Who we are', body: '' }],
    ['/admin/settings/pages/imprint?/save', { title: 'Imprint', bodyMd: 'Us' }],
    ['/dashboard/settings?/name', { name: 'Mara' }],
  ]
  for (const [door, good] of forms) {
    for (const field of Object.keys(good)) {
      for (const [what, value] of Object.entries(odd)) {
        const answer = await ask(
          shop.port,
          form(shop.port, door, { ...good, [field]: value }, { cookie }),
        )
        const told = `${what} as ${field} at ${door}`
        if (answer.status === 303) expectTaken(answer, told)
        else expectRefusal(answer, told)
      }
    }
    const answer = await ask(shop.port, form(shop.port, door, good, { cookie }))
    expectTaken(answer, `${door} takes what is good`)
  }
  // The refund of this order is asked for last, with the oddest reason that is taken.
  const refund = `/admin/orders/${orderId}/refund`
  expectRefusal(
    await ask(shop.port, form(shop.port, refund, { reason: '\u0000 \u0007' }, { cookie })),
    'a reason of nothing',
    [400],
  )
  const reason = `a\u0000b ${odd['text that turns around']} '; drop table refund; --`
  expectTaken(await ask(shop.port, form(shop.port, refund, { reason }, { cookie })), 'the refund')
  expect(
    (await ask(shop.port, { path: `/admin/orders/${orderId}`, headers: { cookie } })).status,
  ).toBe(200)
})

test('odd searches, filters and page turns find nothing or something, and never break', async ({
  shop,
}) => {
  for (const page of [
    '/search?q=',
    '/admin/orders?q=',
    '/admin/orders?state=',
    '/admin/orders?after=',
    '/admin/orders?before=',
    '/admin/customers?q=',
    '/admin/customers?after=',
    '/admin/products?q=',
    '/admin/coupons?older=',
    '/admin/coupons?done=',
    `/admin/coupons/${couponId}?newer=`,
    `/admin/coupons/${couponId}?done=`,
    '/cart?notice=',
    '/p/tidemarks?notice=amount&amount=',
    '/admin/products?state=',
    '/admin/payments?state=',
    '/admin/payments?before=',
    '/mailbox?before=',
    '/dashboard?after=',
    '/dashboard/receipts?before=',
    '/?page=',
    '/?kind=',
    '/search?page=',
    '/admin/mail?before=',
    '/sign-in/code?request=',
    '/sign-in/code?code=',
  ]) {
    for (const value of [
      ...Object.values(odd),
      '%',
      '%_',
      '\\',
      '1001',
      '0',
      '-1',
      '9'.repeat(30),
      '2026-13-45',
      'WyJ4Il0',
      '👍',
      '" or ""="',
    ]) {
      if (value.length > 1_000 || value.includes('\u0000')) continue
      const path = page + encodeURIComponent(value.toWellFormed())
      const answer = await ask(shop.port, { path, headers: { cookie } })
      expect(answer.status, path).toBeLessThan(500)
    }
    const raw = await ask(shop.port, { path: `${page}%ff%fe`, headers: { cookie } })
    expect(raw.status, `${page}%ff%fe`).toBeLessThan(500)
  }
})

test.describe('uploads', () => {
  const upload = (
    port: number,
    path: string,
    file: { field: string; name: string; type?: string; bytes: Uint8Array },
    fields: Readonly<Record<string, string>> = {},
  ): RawRequest => {
    const parts = Object.entries(fields).map(
      ([name, value]) =>
        `--bound\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    )
    const head = `${parts.join('')}--bound\r\ncontent-disposition: form-data; name="${file.field}"; filename="${file.name.replaceAll('"', '%22')}"\r\ncontent-type: ${file.type ?? 'application/octet-stream'}\r\n\r\n`
    return {
      method: 'POST',
      path,
      body: Buffer.concat([
        Buffer.from(head, 'utf8'),
        file.bytes,
        Buffer.from('\r\n--bound--\r\n'),
      ]),
      headers: {
        cookie,
        origin: `http://localhost:${port}`,
        'content-type': 'multipart/form-data; boundary=bound',
        accept: 'text/html',
      },
    }
  }

  test('pictures that are bombs, pages, scripts or nothing are refused, for a product and for a person', async ({
    shop,
  }) => {
    const good = await sharp({
      create: { width: 400, height: 300, channels: 3, background: '#b4472e' },
    })
      .png()
      .toBuffer()
    const files: Readonly<Record<string, Uint8Array>> = {
      'bomb.png': pngOf(30_000, 30_000),
      'wide.png': pngOf(60_000, 1_000),
      'page.png': Buffer.from('<!doctype html><script>alert(1)</script>'),
      'drawing.svg': Buffer.from(
        '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>',
      ),
      'drawing.png': Buffer.from(
        '<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "aaaa">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>',
      ),
      'nothing.png': new Uint8Array(0),
      'half.png': good.subarray(0, good.length / 2),
      'random.jpg': Buffer.from(Array.from({ length: 5_000 }, (_, at) => (at * 7_919) % 251)),
      'letter.pdf': Buffer.from('%PDF-1.4\n%%EOF'),
    }
    const before = await storedRows(shop)
    for (const [name, bytes] of Object.entries(files)) {
      for (const path of [
        `/admin/products/${productId}?/addPicture`,
        '/dashboard/settings?/picture',
      ]) {
        const answer = await ask(
          shop.port,
          upload(shop.port, path, { field: 'picture', name, type: 'image/png', bytes }),
        )
        expectRefusal(answer, `${name} at ${path}`, [400, 413, 415, 422])
      }
    }
    expect(await storedRows(shop)).toEqual(before)
    expect((await ask(shop.port, { path: '/readyz' })).status).toBe(200)
  })

  test('a picture with something behind it comes out as a picture alone', async ({ shop }) => {
    const marker = '<script>alert("behind the picture")</script>'
    const picture = Buffer.concat([
      await sharp({ create: { width: 800, height: 600, channels: 3, background: '#336688' } })
        .withExif({ IFD0: { Copyright: 'the owner of the house', ImageDescription: marker } })
        .jpeg()
        .toBuffer(),
      Buffer.from(marker),
    ])
    const answer = await ask(
      shop.port,
      upload(
        shop.port,
        `/admin/products/${productId}?/addPicture`,
        { field: 'picture', name: `"><img src=x onerror=alert(1)>.jpg`, bytes: picture },
        { alt: marker },
      ),
    )
    expect(answer.status).toBe(303)
    const rows = await shop.query<{ file_id: string; format: string }>(
      `select v.file_id, v.format from image_variant v join product_image p on p.image_id = v.image_id where p.product_id = $1`,
      [productId],
    )
    expect(rows.length).toBeGreaterThan(0)
    for (const { file_id, format } of rows) {
      const shown = await ask(shop.port, {
        path: `/images/${file_id}.${format === 'jpeg' ? 'jpg' : format}`,
      })
      expect(shown.status).toBe(200)
      expect(shown.headers['content-type']).toBe(`image/${format}`)
      expect(shown.headers['content-security-policy']).toMatch(/sandbox/)
      expect(shown.text).not.toContain('alert')
      expect(shown.text).not.toContain('owner of the house')
    }
  })

  test('names of files are never paths, headers or markup', async ({ shop }) => {
    const names = [
      '../../../../secret',
      '..\\..\\windows\\win.ini',
      '/etc/passwd',
      'a%0d%0aSet-Cookie:%20x=y.pdf',
      'con.txt',
      `${'long'.repeat(200)}.pdf`,
      '<script>alert(1)</script>.html',
      'Preisliste für Ärzte – 100%.pdf',
      '見本.zip',
      '.htaccess',
      'a;b=c.pdf',
      "it's %22quoted%22.pdf",
      'turn\u202efdp.exe',
    ]
    for (const name of names) {
      const answer = await ask(
        shop.port,
        upload(
          shop.port,
          `/admin/products/${productId}/files`,
          { field: 'file', name, bytes: Buffer.from('words') },
          { label: '1' },
        ),
      )
      expect(answer.status, name).toBe(303)
      expect(String(answer.headers.location), name).toContain('done=contents.added')
    }
    const stored = await shop.query<{ file_name: string; storage_key: string }>(
      `select f.file_name, f.storage_key from stored_file f join download_version v on v.file_id = f.id
       join download_item i on i.id = v.item_id where i.product_id = $1`,
      [productId],
    )
    expect(stored.length).toBe(names.length)
    for (const { file_name, storage_key } of stored) {
      expect(file_name).not.toMatch(/[/\\\p{Cc}\u202a-\u202e\u2066-\u2069]|^\.+$/u)
      expect(storage_key).toMatch(/^downloads\/[\w/.-]+$/)
      expect(storage_key).not.toContain('..')
    }
    expect(
      (await ask(shop.port, { path: `/admin/products/${productId}`, headers: { cookie } })).text,
    ).not.toContain('<script>alert(1)')
  })

  test('what is bought under such a name is saved, never shown', async ({ shop, mailbox }) => {
    for (const [action, fields] of [
      [
        'words',
        { title: 'Test piece', slug: 'test-piece', summary: '', descriptionMd: '', position: '0' },
      ],
      ['price', { amount: '5' }],
      ['removeQuestion', { id: questionId }],
      ['publish', {}],
    ] as const) {
      const answer = await ask(
        shop.port,
        form(shop.port, `/admin/products/${productId}?/${action}`, fields, { cookie }),
      )
      expect(answer.status, action).toBe(303)
    }
    const [offer] = await shop.query<{ id: string }>(
      'select id from price where product_id = $1 and is_active',
      [productId],
    )
    const pressed = await ask(
      shop.port,
      form(shop.port, '/buy', { product: productId, price: offer?.id ?? '' }),
    )
    expect(pressed.status).toBe(303)
    const checkout = await shop.newestCheckout()
    await shop.control('POST', 'pay', {
      session: checkout?.stripe_session_id,
      email: 'names@example.com',
    })
    const receipt = await mailbox.mail('names@example.com', /receipt/i)
    const page = await ask(shop.port, { path: (receipt.links[0] ?? '').replace(shop.origin, '') })
    const hrefs = [...page.text.matchAll(/href="(\/downloads\/[^"]+)"/g)].map((match) =>
      (match[1] ?? '').replaceAll('&amp;', '&'),
    )
    expect(hrefs.length).toBe(13)
    for (const href of hrefs) {
      const answer = await ask(shop.port, { path: href })
      expect(answer.status).toBe(200)
      const { headers } = answer
      expect(headers['content-disposition']).toMatch(
        /^attachment; filename="[ -~]*"; filename\*=UTF-8''[\w.%~-]+$/,
      )
      expect(headers['set-cookie']).toBeUndefined()
      expect(headers['content-type']).not.toMatch(/html|svg|xml|javascript/)
      expect(headers['x-content-type-options']).toBe('nosniff')
      expect(headers['content-security-policy']).toMatch(/sandbox/)
      expect(answer.text).toBe('words')
    }
  })
})

/** A PNG that says to be this large and holds next to nothing. */
function pngOf(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
    const crc = Buffer.alloc(4)
    crc.writeUInt32BE(crc32(body))
    const length = Buffer.alloc(4)
    length.writeUInt32BE(data.length)
    return Buffer.concat([length, body, crc])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([1, 0, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk(
      'IDAT',
      deflateSync(Buffer.alloc(Math.min(20_000_000, Math.ceil(width / 8 + 1) * height))),
    ),
    chunk('IEND', Buffer.alloc(0)),
  ])
}
