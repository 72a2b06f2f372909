import type { BrowserContext, Page } from '@playwright/test'
import sharp from 'sharp'
import { until } from '../test/until.ts'
import { payOnSandbox } from './hosted-page.ts'
import { expect, test, theOwner, type Shop } from './shop.ts'
import { signInByCode } from './visits.ts'

// Markup in every field somebody can type into: it stands as text on every page and in every mail where the field appears,
// and nothing of it runs, not even far enough for the content policy to stop it.

test.use({ ownShop: 'turned upside down' })

/** What breaks out of text, of an attribute, of a title and of a script's data, wherever the page puts it. */
const markup = '></title></script><script>ran(1)</script><img src=x onerror=ran(1)>'
/** A field's text. Short: names of shops have 80 characters. */
const typed = (field: string) => `${field} "${markup}`

const narrow = { width: 320, height: 700 }

const email = "o'hara&amp=`x`@example.com"

declare global {
  interface Window {
    counter?: { runs: number }
  }
}

/** Markup that runs counts here, in every document of the browser; what the content policy refuses its watch notes. */
async function countRuns(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const counter = { runs: 0 }
    Object.assign(window, { counter, ran: () => void counter.runs++ })
  })
}

/**
 * Opens the page: these fields' texts are read on it, and no page or mail in it holds anything of them but text, however
 * narrow the screen and long the words.
 */
async function showsAsText(page: Page, path: string, fields: readonly string[]): Promise<void> {
  await page.goto(path)
  await page.waitForLoadState('networkidle')
  let text = ''
  for (const frame of page.frames()) {
    const found = await frame.evaluate(() => {
      const fieldTexts = [...document.querySelectorAll('input, textarea')].map(
        (field) => (field as HTMLInputElement | HTMLTextAreaElement).value,
      )
      const pictureTexts = [...document.images].map((image) => image.alt)
      const copy = document.documentElement.cloneNode(true) as HTMLElement
      for (const data of copy.querySelectorAll('script, style, template')) data.remove()
      return {
        text: [copy.textContent, ...fieldTexts, ...pictureTexts].join('\n'),
        runs: window.counter?.runs ?? 0,
        overflow: document.documentElement.scrollWidth - window.innerWidth,
        elements: document.querySelectorAll('img[src="x"], [onerror], script:not([src]):empty')
          .length,
        scripts: [...document.scripts].filter((script) => script.text.startsWith('ran(')).length,
      }
    })
    expect(found.runs, `${path}: how often markup ran`).toBe(0)
    expect.soft(found.overflow, `${path} (${frame.url()}) scrolls sideways`).toBeLessThanOrEqual(0)
    expect(found.elements + found.scripts, `${path}: elements made of text`).toBe(0)
    text += found.text
  }
  for (const field of fields) {
    // The quotation mark of a Markdown text is set as a printer would.
    const isShown = [`"`, '“', '”', '&quot;'].some((quote) =>
      text.includes(`${field} ${quote}${markup}`),
    )
    expect(isShown, `${path} shows the field ${field}`).toBe(true)
  }
}

async function post(
  page: Page,
  shop: Shop,
  path: string,
  form: Readonly<Record<string, string>>,
): Promise<string> {
  const answer = await page.request.post(path, {
    form,
    headers: { origin: shop.origin, accept: 'text/html' },
    maxRedirects: 0,
  })
  expect(answer.status(), path).toBe(303)
  return answer.headers()['location'] ?? ''
}

/** Types markup into everything that is the owner's; gives the product's id. */
async function ownerTypes(owner: Page, shop: Shop): Promise<string> {
  await post(owner, shop, '/admin/settings', {
    name: typed('Shop'),
    sentence: typed('Sentence'),
    aboutMd: typed('About'),
    ownerName: typed('Owner'),
    contactEmail: email,
    timeZone: 'Europe/Berlin',
    locale: 'en',
    currency: 'EUR',
  })
  await post(owner, shop, '/admin/settings/pages/imprint?/save', {
    title: typed('Imprint'),
    bodyMd: typed('Body'),
  })
  await post(owner, shop, '/dashboard/settings?/name', { name: typed('Maker') })
  const created = await post(owner, shop, '/admin/products/new', {
    title: typed('Title'),
    kind: 'download',
  })
  const id = /[0-9a-f-]{36}/.exec(created)?.[0] ?? ''
  const editor = `/admin/products/${id}`
  await post(owner, shop, `${editor}?/words`, {
    title: typed('Title'),
    slug: 'markup',
    summary: typed('Summary'),
    descriptionMd: typed('Description'),
    position: '0',
  })
  await post(owner, shop, `${editor}?/price`, { amount: '5' })
  await post(owner, shop, `${editor}?/setTax`, {
    country: '',
    basisPoints: '19',
    label: '"><img src=x onerror=ran(1)>',
  })
  await post(owner, shop, `${editor}?/contentWords`, {
    greeting: typed('Greeting'),
    directionsMd: typed('Directions'),
  })
  await post(owner, shop, `${editor}?/addItem`, {
    kind: 'link',
    title: typed('Link'),
    note: typed('Note'),
    url: 'https://example.com/?"><script>ran(1)</script>',
  })
  await post(owner, shop, `${editor}?/addItem`, {
    kind: 'snippet',
    title: typed('Piece'),
    note: '',
    body: typed('Snippet'),
    language: '"><img src=x onerror=ran(1)>',
  })
  const upload = await owner.request.post(`${editor}/files`, {
    multipart: {
      label: '"><img src=x onerror=ran(1)>',
      changes: typed('Changes'),
      file: { name: 'words.txt', mimeType: 'text/plain', buffer: Buffer.from('words') },
    },
    headers: { origin: shop.origin, accept: 'text/html' },
    maxRedirects: 0,
  })
  expect(upload.headers()['location']).toContain('done=contents.added')
  const picture = await owner.request.post(`${editor}?/addPicture`, {
    multipart: {
      alt: typed('Picture'),
      picture: {
        name: 'grey.png',
        mimeType: 'image/png',
        buffer: await sharp({
          create: { width: 800, height: 600, channels: 3, background: '#888' },
        })
          .png()
          .toBuffer(),
      },
    },
    headers: { origin: shop.origin, accept: 'text/html' },
    maxRedirects: 0,
  })
  expect(picture.headers()['location']).toContain('done=pictures.added')
  await post(owner, shop, `${editor}?/addQuestion`, {
    question: typed('Question'),
    help: typed('Help'),
    answerKind: 'choice',
    choices: `${typed('Choice')}\nNone`,
  })
  await post(owner, shop, '/admin/coupons/new', {
    code: 'INERT',
    takesOff: 'percent',
    percent: '1',
    covers: 'chosen',
    products: id,
    note: typed('Remark'),
  })
  await post(owner, shop, `${editor}?/publish`, {})
  return id
}

test('markup typed into any field is text wherever it is shown, and nothing of it runs [payments 78]', async ({
  shop,
  owner,
  stranger,
  mailbox,
}) => {
  await owner.goto('/admin/settings')
  const productId = await ownerTypes(owner, shop)
  await countRuns(owner.context())
  await owner.setViewportSize(narrow)
  const buyer = await stranger({ viewport: narrow })
  await countRuns(buyer.context())

  // The store.
  await showsAsText(buyer, '/', ['Shop', 'Sentence', 'About', 'Title', 'Summary'])
  await showsAsText(buyer, '/p/markup', ['Shop', 'Title', 'Summary', 'Description', 'Picture'])
  await showsAsText(buyer, '/pages/imprint', ['Imprint', 'Body'])
  await showsAsText(buyer, '/sign-in', ['Shop'])
  await showsAsText(buyer, `/search?q=${encodeURIComponent(typed('Searched'))}`, ['Searched'])
  await showsAsText(buyer, '/search?q=summary', ['Title', 'Summary'])

  // The cart, where the product asks something.
  await buyer.goto('/p/markup')
  await buyer
    .getByRole('button', { name: /^Buy for/ })
    .first()
    .click()
  await buyer.waitForURL('**/cart')
  await showsAsText(buyer, '/cart', ['Title', 'Question', 'Help', 'Choice'])
  await buyer.getByRole('combobox').first().selectOption('None')
  await showsAsText(buyer, '/code/INERT', ['Shop'])

  // The payment page, the paid page and the receipt.
  await buyer.goto('/cart')
  await buyer.getByRole('button', { name: /^Pay €/ }).click()
  await buyer.waitForURL('**/sandbox/c/pay/**')
  await showsAsText(buyer, buyer.url(), ['Title'])
  await payOnSandbox(buyer, { email, name: typed('Payer') })
  await buyer.waitForURL('**/checkout/*')
  await showsAsText(buyer, buyer.url(), [
    'Shop',
    'Title',
    'Greeting',
    'Directions',
    'Link',
    'Note',
    'Piece',
    'Snippet',
    'Changes',
  ])

  // The member's pages.
  await signInByCode(buyer, mailbox, email)
  await post(buyer, shop, '/dashboard/settings?/name', { name: typed('Member') })
  await showsAsText(buyer, '/dashboard/settings', ['Member'])
  await showsAsText(buyer, '/dashboard', ['Title'])
  const [bought] = await shop.query<{ entitlement: string; order: string }>(
    `select e.id as entitlement, o.id as order from shop_order o
     join order_line l on l.order_id = o.id join entitlement e on e.source_id = l.id
     where o.email = $1`,
    [email],
  )
  await showsAsText(buyer, `/dashboard/products/${bought?.entitlement}`, [
    'Title',
    'Greeting',
    'Directions',
    'Link',
    'Note',
    'Piece',
    'Snippet',
    'Changes',
  ])
  await showsAsText(buyer, '/dashboard/receipts', ['Title'])
  await showsAsText(buyer, `/dashboard/receipts/${bought?.order}`, ['Title', 'Shop'])

  // The owner's pages, with a reason for a refund.
  const refund = `/admin/orders/${bought?.order}/refund`
  await showsAsText(owner, refund, ['Title'])
  await post(owner, shop, refund, { reason: typed('Reason') })
  const [customer] = await shop.query<{ id: string }>(
    'select customer_id as id from shop_order where id = $1',
    [bought?.order],
  )
  const [coupon] = await shop.query<{ id: string }>(`select id from coupon where code = 'INERT'`)
  for (const [path, fields] of [
    ['/admin/orders', ['Title']],
    [`/admin/orders?q=${encodeURIComponent(typed('Sought'))}`, ['Sought']],
    [`/admin/orders/${bought?.order}`, ['Title', 'Reason']],
    ['/admin/customers', ['Member']],
    [`/admin/customers/${customer?.id}`, ['Member', 'Title']],
    ['/admin/products', ['Title']],
    [
      `/admin/products/${productId}`,
      [
        'Title',
        'Summary',
        'Description',
        'Picture',
        'Greeting',
        'Directions',
        'Link',
        'Note',
        'Piece',
        'Snippet',
        'Changes',
        'Question',
        'Choice',
      ],
    ],
    ['/admin/settings', ['Shop', 'Sentence', 'About', 'Owner']],
    ['/admin/settings/look', ['Shop']],
    ['/admin/settings/pages', ['Imprint']],
    ['/admin/settings/pages/imprint', ['Imprint', 'Body']],
    ['/admin/payments', []],
    ['/admin/mail', []],
    ['/admin/products/taxes', []],
    ['/admin/coupons', ['Remark']],
    [`/admin/coupons/${coupon?.id}`, ['Remark', 'Title']],
    [`/admin/coupons/${coupon?.id}/edit`, ['Remark', 'Title']],
    ['/admin/settings/before-paying', []],
  ] as const)
    await showsAsText(owner, path, fields)

  // Every mail that came of it, as it is read and as plain text.
  const mails = await until('buyer and owner were mailed', async () => {
    const found = await shop.query<{ id: string; template: string }>(
      `select id, template from email_message where to_address in ($1, $2) order by created_at`,
      [email, theOwner.email],
    )
    return found.some((mail) => mail.template.includes('refund')) ? found : undefined
  })
  expect(mails.length).toBeGreaterThanOrEqual(3)
  for (const mail of mails)
    await showsAsText(
      owner,
      `/mailbox/${mail.id}`,
      /receipt|refund/.test(mail.template) ? ['Title'] : [],
    )
  expect(await shop.brokenInvariants()).toEqual([])
})

test('markup in place of an address, a code or a name is refused in words that hold it as text', async ({
  stranger,
}) => {
  const page = await stranger()
  await countRuns(page.context())
  await page.goto('/sign-in')
  const form = page.locator('form[action="?/code"]')
  await form.evaluate((element: HTMLFormElement) => {
    element.noValidate = true
  })
  await form.getByLabel('E-mail').fill(typed('Address'))
  await form.getByRole('button', { name: 'Send me a code' }).click()
  await expect(page.getByText(/does not look like an e-mail address/).first()).toBeVisible()
  await expect(page.getByLabel('E-mail').first()).toHaveValue(typed('Address'))
  for (const path of [
    `/sign-in?next=${encodeURIComponent(typed('/next'))}`,
    `/sign-in/code?request=${encodeURIComponent(typed('Request'))}`,
    `/p/${encodeURIComponent(typed('Product'))}`,
    `/${encodeURIComponent(typed('Nowhere'))}`,
    `/?notice=${encodeURIComponent(typed('Notice'))}`,
  ])
    await showsAsText(page, path, [])
})
