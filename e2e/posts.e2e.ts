import type { Page } from '@playwright/test'
import sharp from 'sharp'
import { payOnSandbox } from './hosted-page.ts'
import { cookieOf } from './people.ts'
import { makePlan } from './plans.ts'
import { ask } from './raw-request.ts'
import { until } from '../test/until.ts'
import { expect, test, type Shop } from './shop.ts'
import { isDelivered, says, signInByCode } from './visits.ts'

// A post appears when the clock is moved.
test.use({ ownShop: 'posts' })

/** Stands only where those read who may. */
const secret = 'xylograph'

/** Begins a post and writes it; ends in its editor with everything saved. */
async function write(owner: Page, title: string, text: string): Promise<void> {
  await owner.goto('/admin/posts')
  await owner.getByRole('link', { name: 'New post' }).click()
  await owner.getByLabel('Title', { exact: true }).fill(title)
  await owner.getByRole('button', { name: 'Begin the draft' }).click()
  await owner.waitForURL(/\/admin\/posts\/[0-9a-f-]{36}$/)
  await owner.getByLabel('Text', { exact: true }).fill(text)
}

const save = async (owner: Page) => {
  await owner.getByRole('button', { name: 'Save', exact: true }).click()
  await says(owner, /^Saved/)
}

/** Everything that tells of a post, asked over the line as somebody with this cookie. */
async function tellings(shop: Shop, slug: string, cookie?: string): Promise<Map<string, string>> {
  const paths = [
    `/posts/${slug}`,
    `/posts/${slug}/__data.json`,
    '/posts',
    '/posts/__data.json',
    '/posts/category/woodcuts',
    '/posts/feed.xml',
    '/sitemap.xml',
    `/search?q=${slug.split('-', 1)[0]}`,
    `/search/__data.json?q=${secret}`,
  ]
  const told = new Map<string, string>()
  for (const path of paths) {
    const answer = await ask(shop.port, {
      path,
      headers: { accept: '*/*', ...(cookie ? { cookie } : {}) },
    })
    expect(answer.status, path).toBe(200)
    told.set(path, answer.text)
  }
  return told
}

async function tellsNothing(shop: Shop, slug: string, cookie?: string): Promise<void> {
  for (const [path, text] of await tellings(shop, slug, cookie)) {
    // The address of a search repeats what was searched for, and that is all.
    const rest = path.includes(`q=${secret}`) ? text.replaceAll(`"${secret}"`, '') : text
    expect(rest, path).not.toContain(secret)
  }
}

test('the owner writes a premium post; a visitor meets its beginning and a way in, buys, signs in and reads on; given back, it is shut [commerce 71, 72]', async ({
  owner,
  stranger,
  mailbox,
  shop,
}) => {
  test.setTimeout(180_000)
  await write(
    owner,
    'Pressing wood',
    `Anybody may read **this**.\n\n<!-- more -->\n\n## The ${secret}\n\nOnly some read this.`,
  )
  await owner.getByLabel('Category').fill('Woodcuts')
  await owner.getByLabel(/^Premium/).check()
  await owner.getByLabel('The Brief Sheet').check()
  await save(owner)
  await owner.getByLabel('What it shows').fill('A woodblock')
  await owner.getByLabel('Add a picture').setInputFiles({
    name: 'wood.png',
    mimeType: 'image/png',
    buffer: await sharp({ create: { width: 300, height: 200, channels: 3, background: '#b4472e' } })
      .png()
      .toBuffer(),
  })
  await says(owner, 'Not in the text yet')
  await owner.getByLabel('Text', { exact: true }).press('ControlOrMeta+End')
  await owner.getByRole('button', { name: 'Put picture 1 into the text' }).click()
  await says(owner, 'In the text')
  await save(owner)
  const picture =
    /\/images\/[^)]+/.exec(await owner.getByLabel('Text', { exact: true }).inputValue())?.[0] ?? ''
  const statusOfPicture = async (cookie?: string) =>
    (await ask(shop.port, { path: picture, ...(cookie ? { headers: { cookie } } : {}) })).status
  await expect(owner.getByRole('complementary', { name: 'Preview' })).toContainText(secret)
  // The mail's frame, in which nobody is signed in, shows the picture to the owner all the same.
  await owner.getByRole('link', { name: 'Mail this post' }).click()
  const inMail = owner.frameLocator('iframe').first().getByRole('img', { name: 'A woodblock' })
  await expect
    .poll(() => inMail.evaluate((image) => image instanceof HTMLImageElement && image.naturalWidth))
    .toBeGreaterThan(0)
  await owner.goBack()
  await owner.getByRole('button', { name: 'Publish', exact: true }).click()
  await owner.getByRole('dialog').getByRole('button', { name: 'Publish' }).click()
  await says(owner, 'Published.')
  await owner.getByRole('link', { name: 'See it in the shop' }).click()
  await expect(owner.getByRole('heading', { name: `The ${secret}` })).toBeVisible()

  const reader = await stranger()
  await reader.goto('/')
  await reader
    .getByRole('navigation', { name: 'Shop' })
    .getByRole('link', { name: 'Posts' })
    .click()
  await reader.getByRole('link', { name: 'Pressing wood' }).click()
  await says(reader, 'Anybody may read')
  await expect(reader.getByText('Only some read this.')).toHaveCount(0)
  await tellsNothing(shop, 'pressing-wood')
  const email = 'reader@example.com'
  await signInByCode(reader, mailbox, email)
  await tellsNothing(shop, 'pressing-wood', await cookieOf(reader))
  expect(await statusOfPicture()).toBe(404)
  expect(await statusOfPicture(await cookieOf(reader))).toBe(404)

  await reader.goto('/posts/pressing-wood')
  await reader.getByRole('link', { name: 'Get it for €4' }).click()
  await reader
    .getByRole('button', { name: /^Buy for/ })
    .first()
    .click()
  await payOnSandbox(reader, {})
  await isDelivered(reader, 'The Brief Sheet')
  await reader.goto('/posts/pressing-wood')
  await says(reader, 'Only some read this.')
  await expect(reader.getByRole('img', { name: 'A woodblock' })).toBeVisible()
  expect(await statusOfPicture(await cookieOf(reader))).toBe(200)
  expect(await statusOfPicture()).toBe(404)
  await reader.getByRole('link', { name: 'Read posts like this in your feed reader' }).click()
  await reader.getByRole('button', { name: 'Give me an address' }).click()
  const address = (await reader.locator('pre code').textContent()) ?? ''
  const ownFeed = async () => (await ask(shop.port, { path: new URL(address).pathname })).text
  expect(await ownFeed()).toContain(secret)
  // A stranger beside them still meets the beginning alone, and the feed has no reader in particular.
  await tellsNothing(shop, 'pressing-wood')
  const answer = await ask(shop.port, {
    path: '/posts/pressing-wood',
    headers: { accept: 'text/html', cookie: await cookieOf(reader) },
  })
  expect(answer.headers['cache-control']).toBe('private, no-store')

  // One window stands on the post, another one's history holds it.
  const beside = await reader.context().newPage()
  await beside.goto('/posts/pressing-wood')
  await says(beside, 'Only some read this.')
  await reader.goto('/posts/pressing-wood')
  await reader.goto('/')

  const [order] = await shop.query<{ id: string }>(
    'select id from shop_order order by number desc limit 1',
  )
  await owner.goto(`/admin/orders/${order?.id}/refund`)
  const asked = owner.getByRole('form', { name: 'What happens' })
  await asked.getByLabel(/why|reason/i).fill('Changed their mind')
  await asked.getByRole('button', { name: 'Refund €4.00' }).click()
  await owner.waitForURL('**/admin/orders/*?notice=refunded')
  await tellsNothing(shop, 'pressing-wood', await cookieOf(reader))
  expect(await ownFeed()).not.toContain(secret)
  expect(await statusOfPicture(await cookieOf(reader))).toBe(404)
  await reader.goBack()
  await says(reader, 'nothing you have opens it yet')
  await expect(reader.getByText('Only some read this.')).toHaveCount(0)
  // What a browser does that shows a page again as it had it in memory.
  await beside.evaluate(() =>
    dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })),
  )
  await says(beside, 'nothing you have opens it yet')
  await expect(beside.getByText('Only some read this.')).toHaveCount(0)
})

test('the way in names the plan that opens a post; who subscribes reads on; its category gets another name', async ({
  owner,
  stranger,
  mailbox,
}) => {
  test.setTimeout(180_000)
  await makePlan(owner, { title: 'Reading circle', price: '500', count: '1', trial: '7' })
  await write(
    owner,
    'Letters of the circle',
    'Anybody may read this.\n\n<!-- more -->\n\nThe circle reads this.',
  )
  await owner.getByLabel('Category').fill('Leters')
  await owner.getByLabel(/^Premium/).check()
  await owner.getByLabel('Reading circle').check()
  await save(owner)
  await owner.getByRole('button', { name: 'Publish', exact: true }).click()
  await owner.getByRole('dialog').getByRole('button', { name: 'Publish' }).click()
  await says(owner, 'Published.')
  await owner.goto('/admin/posts')
  await owner.getByRole('link', { name: 'Categories' }).click()
  await owner.getByLabel('Name of Leters').fill('Letters')
  await owner.getByRole('button', { name: 'Rename Leters' }).click()
  await says(owner, 'Renamed.')

  const reader = await stranger()
  await reader.goto('/')
  await reader.getByRole('link', { name: 'Letters of the circle' }).click()
  await expect(reader.getByRole('link', { name: 'Letters', exact: true })).toBeVisible()
  const wayIn = reader.getByRole('region', { name: /^The rest is for/ })
  await expect(wayIn).toContainText('€5.00 a month, 7 days free at first')
  await wayIn.getByRole('link', { name: 'Subscribe to Reading circle' }).click()
  await reader.getByRole('button', { name: /Reading circle$/ }).click()
  await reader.waitForURL('**/sign-in?next=**')
  await signInByCode(reader, mailbox, 'circle@example.com', /\/plans\?plan=/)
  await reader.getByRole('button', { name: /^Go on to payment/ }).click()
  await payOnSandbox(reader, {})
  // Signed in, paid, and back where they began.
  await reader.waitForURL('**/posts/letters-of-the-circle?said=begun', { timeout: 30_000 })
  await says(reader, 'Your membership has begun')
  await says(reader, 'The circle reads this.')
})

test('a member asks for posts by mail; the owner looks at one, mails it once; one click in the mail ends it, and opening the link does not', async ({
  owner,
  stranger,
  mailbox,
  shop,
}) => {
  test.setTimeout(180_000)
  const reader = await stranger()
  const email = 'letters@example.com'
  await signInByCode(reader, mailbox, email)
  await reader.goto('/dashboard/settings')
  await reader.getByRole('button', { name: 'Send me new posts' }).click()
  await says(reader, 'New posts come to your mailbox from now on.')
  await write(owner, 'A letter', 'Dear **reader**.\n\n<!-- more -->\n\nOnly members read this.')
  await owner.getByLabel(/^Premium/).check()
  await owner.getByLabel('The Brief Sheet').check()
  await save(owner)
  await owner.getByRole('button', { name: 'Publish', exact: true }).click()
  await owner.getByRole('dialog').getByRole('button', { name: 'Publish' }).click()
  await says(owner, 'Published.')
  await owner.getByRole('link', { name: 'Mail this post' }).click()
  await expect(
    owner.frameLocator('iframe').first().getByText('Only members read this.'),
  ).toBeVisible()
  await owner.getByRole('button', { name: 'Mail it to one reader' }).click()
  await owner.getByRole('dialog').getByRole('button', { name: 'Mail it' }).click()
  await says(owner, 'It is on its way')
  await until('the mail is sent', async () => {
    await owner.goto(new URL(owner.url()).pathname)
    return /Sent\s*1/.test(await owner.locator('dl').innerText())
  })
  await says(owner, 'Everybody who gets posts by mail has this one.')
  // Beside publishing, and beside a later moment, stands a tick for the same.
  const mails = async () =>
    (
      await shop.query<{ subject: string }>(
        `select subject from email_message where template = 'post' and to_address = $1 order by created_at`,
        [email],
      )
    ).map(({ subject }) => subject)
  await write(owner, 'A second letter', 'Dear reader, again.')
  await save(owner)
  await owner.getByRole('button', { name: 'Publish', exact: true }).click()
  await owner.getByRole('dialog').getByLabel('Mail it to one member').check()
  await owner.getByRole('dialog').getByRole('button', { name: 'Publish' }).click()
  await says(owner, 'Published.')
  await write(owner, 'A third letter', 'Dear reader, tomorrow.')
  await save(owner)
  await owner.getByText('Publish it later').click()
  await owner.getByLabel('Mail it when it appears').check()
  await owner.getByRole('button', { name: 'Schedule' }).click()
  await says(owner, 'Scheduled.')
  await owner.getByText('Another moment').click()
  await says(owner, 'It is mailed when it appears, as you asked.')
  await until('the second letter is mailed', async () => (await mails()).length === 2)
  await shop.query(`update clock set offset_ms = offset_ms + 86400000`)
  await until('the third letter is mailed', async () => (await mails()).length === 3)
  expect(await mails()).toEqual(['A letter', 'A second letter', 'A third letter'])
  const [mail] = await shop.query<{ url: string }>(
    `select unsubscribe_url as url from email_message where template = 'post' and to_address = $1`,
    [email],
  )
  const leave = new URL(mail?.url ?? '').pathname
  const reads = async () =>
    (
      await shop.query(
        `select from newsletter_reader r join member m on m.id = r.member_id where m.email = $1 and left_at is null`,
        [email],
      )
    ).length
  expect((await ask(shop.port, { path: leave })).status).toBe(200)
  expect(await reads()).toBe(1)
  // The mailbox's own button: no cookie, no origin, no page of ours before it.
  const clicked = await ask(shop.port, {
    method: 'POST',
    path: leave,
    body: 'List-Unsubscribe=One-Click',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
  expect(clicked.status).toBe(200)
  expect(await reads()).toBe(0)
  await reader.goto(leave)
  await reader.getByRole('button', { name: 'Stop posts by mail' }).click()
  await says(reader, 'No more posts by mail')
})

test('a post appears at its minute and not before, is found, and its former address leads on', async ({
  owner,
  stranger,
  shop,
}) => {
  await write(owner, 'Tomorrow morning', 'Here it is.')
  await save(owner)
  await owner.getByText('Publish it later').click()
  const [clock] = await shop.query<{ day: string }>(
    `select to_char(clock_now() at time zone 'UTC' + interval '1 day', 'YYYY-MM-DD') as day`,
  )
  await owner.getByLabel('Day', { exact: true }).fill(clock?.day ?? '')
  await owner.getByLabel('Time', { exact: true }).fill('23:59')
  await owner.getByRole('button', { name: 'Schedule' }).click()
  await says(owner, 'Scheduled.')
  const reader = await stranger()
  const before = await reader.goto('/posts/tomorrow-morning')
  expect(before?.status()).toBe(404)
  await reader.goto('/posts')
  await expect(reader.getByText('Tomorrow morning')).toHaveCount(0)
  await shop.query(`update clock set offset_ms = offset_ms + 2 * 86400000`)
  await expect
    .poll(async () => (await ask(shop.port, { path: '/posts' })).text, { timeout: 30_000 })
    .toContain('Tomorrow morning')
  await reader.goto('/search?q=tomorrow')
  await reader.getByRole('link', { name: 'Tomorrow morning' }).click()
  await says(reader, 'Here it is.')
  await owner.reload()
  await owner.getByLabel('Address').fill('that-morning')
  await save(owner)
  await reader.goto('/posts/tomorrow-morning')
  await reader.waitForURL('**/posts/that-morning')
})

test('whoever writes while the script of the page comes goes on writing where the cursor stands', async ({
  owner,
}) => {
  await write(owner, 'Half a word', 'Before. After.')
  await save(owner)
  let release: (() => void) | undefined
  const released = new Promise<void>((resolve) => (release = resolve))
  await owner.route('**/_app/**/*.js', async (route) => {
    await released
    await route.continue()
  })
  await owner.reload({ waitUntil: 'commit' })
  const text = owner.getByLabel('Text', { exact: true })
  await text.focus()
  await text.evaluate((area: HTMLTextAreaElement) => area.setSelectionRange(7, 7))
  const title = owner.getByLabel('Title', { exact: true })
  await expect(title).toHaveAttribute('value', 'Half a word')
  release?.()
  // What the server wrote into the page is taken out of it by the script.
  await expect(title).not.toHaveAttribute('value')
  await owner.keyboard.type(' Between,')
  await expect(text).toHaveValue('Before. Between, After.')
})

test('what is typed and not saved is there again, until it is saved or let go of; what is deleted comes back', async ({
  owner,
}) => {
  await write(owner, 'Kept safe', 'First words.')
  await save(owner)
  await owner.getByLabel('Text', { exact: true }).fill('First words, and more.')
  await says(owner, 'Kept, not saved yet')
  await expect(owner.getByRole('button', { name: 'Publish', exact: true })).toHaveCount(0)
  await owner.reload()
  await says(owner, 'You typed more than you saved')
  await expect(owner.getByLabel('Text', { exact: true })).toHaveValue('First words, and more.')
  await owner.getByRole('button', { name: 'Go back to what is saved' }).click()
  await says(owner, 'What was typed and not saved is gone.')
  await expect(owner.getByLabel('Text', { exact: true })).toHaveValue('First words.')

  await owner.getByRole('button', { name: 'Delete', exact: true }).click()
  await owner.getByRole('dialog').getByRole('button', { name: 'Delete it' }).click()
  await owner.waitForURL('**/admin/posts?done=deleted')
  await owner.getByRole('link', { name: 'recently deleted', exact: true }).click()
  await owner.getByRole('link', { name: 'Kept safe' }).click()
  await owner.getByRole('button', { name: 'Bring it back' }).click()
  await says(owner, 'It is back, as a draft.')
})

test('without script: a post is written, looked at, published and read; of two tabs nobody saves over the other unseen', async ({
  stranger,
  ownerCookies,
}) => {
  const owner = await stranger({ javaScriptEnabled: false, storageState: ownerCookies })
  await write(owner, 'By hand', 'Plain *words*.\n\n<!-- more -->\n\nAnd more of them.')
  await owner.getByLabel(/^Premium/).check()
  await owner.getByRole('button', { name: 'Save', exact: true }).click()
  await says(owner, 'Tick at least one thing that opens it, or let everybody read it.')
  await owner.getByLabel('Tidemarks').check()
  await owner.getByRole('button', { name: 'Preview' }).click()
  const preview = owner.getByRole('complementary', { name: 'Preview' })
  await expect(preview).toContainText('And more of them.')
  await expect(owner.getByLabel('Tidemarks')).toBeChecked()
  await owner.getByRole('button', { name: 'Save', exact: true }).click()
  await says(owner, 'Saved.')
  // Somebody else saves it in another tab; what stands in this one is not lost, and saves over it only when it is sent again.
  const other = await owner.context().newPage()
  await other.goto(new URL(owner.url()).pathname)
  await other.getByLabel('Title', { exact: true }).fill('By another hand')
  await other.getByRole('button', { name: 'Save', exact: true }).click()
  await says(other, 'Saved.')
  await owner.getByLabel('Author').fill('Ana')
  await owner.getByRole('button', { name: 'Save', exact: true }).click()
  await says(owner, 'Somebody changed this meanwhile')
  await expect(owner.getByLabel('Author')).toHaveValue('Ana')
  await owner.getByRole('button', { name: 'Save', exact: true }).click()
  await says(owner, 'Saved.')
  await owner.getByText('Publish it later').click()
  await owner.getByLabel('Day', { exact: true }).fill('2000-01-01')
  await owner.getByRole('button', { name: 'Schedule' }).click()
  await says(owner, 'This moment is over. Choose one that is still to come.')
  await owner.getByRole('button', { name: 'Publish', exact: true }).click()
  await owner.getByRole('dialog').getByRole('button', { name: 'Publish' }).click()
  await says(owner, 'Published.')
  const reader = await stranger({ javaScriptEnabled: false })
  await reader.goto('/posts/by-hand')
  await says(reader, 'Plain')
  await expect(reader.getByText('And more of them.')).toHaveCount(0)
  await expect(reader.getByRole('link', { name: /^Get it for/ })).toBeVisible()
})
