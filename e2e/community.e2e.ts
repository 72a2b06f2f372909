import type { Page } from '@playwright/test'
import { cookieOf } from './people.ts'
import { ask } from './raw-request.ts'
import { expect, test, type Shop } from './shop.ts'
import { says, signInByCode } from './visits.ts'

// Banned members and moved clocks would be in the way of others.
test.use({ ownShop: 'community' })

const post = '/posts/seven-questions-before-the-first-sketch'

/** A free post that everybody may read in full. */
async function freePost(shop: Shop): Promise<string> {
  const [row] = await shop.query<{ slug: string }>(
    `select slug from post where state = 'published' and not is_premium order by published_at limit 1`,
  )
  return `/posts/${row?.slug}`
}

/** Nobody writes faster than this: a form that is sent in less is taken for a program's. */
const isReadFirst = (page: Page) => page.waitForFunction(() => performance.now() > 3_200)

async function comment(page: Page, at: string, words: string, name?: string): Promise<void> {
  await page.goto(at)
  const form = page.locator('form.write').first()
  await form.getByLabel('Your comment').fill(words)
  if (name) await form.getByLabel('Your name beside it').fill(name)
  await isReadFirst(page)
  await form.getByRole('button', { name: 'Comment', exact: true }).click()
}

test('readers like and comment, answer and report; the owner decides and takes it back; who is banned adds nothing [engage 55, 56] [commerce 73]', async ({
  owner,
  stranger,
  mailbox,
  shop,
}) => {
  test.setTimeout(240_000)
  const at = await freePost(shop)
  const passer = await stranger()
  await passer.goto(at)
  await expect(passer.getByRole('link', { name: 'Sign in' }).first()).toBeVisible()
  await expect(passer.getByRole('button', { name: /^Like/ })).toHaveCount(0)

  const ada = await stranger()
  await signInByCode(ada, mailbox, 'ada@example.com')
  await ada.goto(at)
  const heart = ada.getByRole('button', { name: /^Like this post/ })
  await expect(heart).toHaveAttribute('aria-pressed', 'false')
  await heart.click()
  await expect(heart).toHaveAttribute('aria-pressed', 'true')
  await expect(ada.getByRole('status').filter({ hasText: 'Liked, 1 so far.' })).toHaveCount(1)
  await ada.reload()
  await expect(heart).toHaveAccessibleName('Like this post, 1 so far')
  // The kept page of who is not signed in follows within seconds.
  await expect
    .poll(async () => (await ask(shop.port, { path: at })).text, { timeout: 30_000 })
    .toContain('person likes')

  await comment(ada, at, 'Mine is <b>blue</b>, see the attic.', 'Ada')
  await says(ada, 'Mine is <b>blue</b>, see the attic.')
  await passer.goto(at)
  await says(passer, 'Mine is <b>blue</b>, see the attic.')
  expect(await passer.locator('.discussion b').count()).toBe(0)

  // Without script everything is a form.
  const bob = await stranger({ javaScriptEnabled: false })
  await signInByCode(bob, mailbox, 'bob@example.com')
  await bob.goto(at)
  await bob.getByRole('button', { name: /^Like this post/ }).click()
  await expect(bob.getByRole('button', { name: 'Like this post, 2 so far' })).toHaveAttribute(
    'aria-pressed',
    'true',
  )
  await bob.getByRole('button', { name: /^Like this post/ }).click()
  await expect(bob.getByRole('button', { name: 'Like this post, 1 so far' })).toBeVisible()
  await bob.locator('summary', { hasText: 'Reply' }).click()
  const reply = bob.getByLabel('Your reply to Ada')
  await reply.fill('So is mine.')
  await bob.locator('details[open]').getByLabel('Your name beside it').fill('Bob')
  const stamped = await bob.locator('input[name=stamp]').first().inputValue()
  await expect
    .poll(async () => {
      const [row] = await shop.query<{ s: number }>('select extract(epoch from now())::int as s')
      return (row?.s ?? 0) - Number(stamped.split('.')[0])
    })
    .toBeGreaterThan(2)
  await bob.locator('details[open]').getByRole('button', { name: 'Reply', exact: true }).click()
  await says(bob, 'So is mine.')
  expect(new URL(bob.url()).hash).toMatch(/^#c-/)
  const told = await mailbox.mail('ada@example.com', /reply to your comment/i)
  expect(told.text).toContain('So is mine.')

  // A scanner opens the link that ends such mail; only its button does.
  const off = /\/comments\/mail-off\/[\w.-]+/.exec(told.text)?.[0] ?? ''
  expect((await ask(shop.port, { path: off })).status).toBe(200)
  const wishes = () =>
    shop.query<{ on: boolean }>(
      `select mails_replies as on from member_profile where display_name = 'Ada'`,
    )
  expect(await wishes()).toEqual([{ on: true }])
  await passer.goto(off)
  await passer.getByRole('button', { name: 'Turn it off' }).click()
  await says(passer, 'No more mail about replies')
  expect(await wishes()).toEqual([{ on: false }])
  // So does the mailbox's own button, which comes from nowhere and follows no redirect.
  await shop.query('update member_profile set mails_replies = true')
  const [sent] = await shop.query<{ url: string }>(
    `select unsubscribe_url as url from email_message where template = 'comment_reply'`,
  )
  expect(new URL(sent?.url ?? '').pathname).toBe(off)
  const clicked = await ask(shop.port, {
    method: 'POST',
    path: off,
    body: 'List-Unsubscribe=One-Click',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
  expect(clicked.status).toBe(200)
  expect(await wishes()).toEqual([{ on: false }])

  // The owner hides it in the queue by keyboard, and takes it back.
  await owner.goto('/admin/comments?show=all')
  const row = owner.getByRole('listitem', { name: /^By Bob/ })
  await row.focus()
  await owner.keyboard.press('h')
  await says(owner, 'It is hidden.')
  await passer.goto(at)
  await expect(passer.getByText('So is mine.')).toHaveCount(0)
  await owner.getByRole('button', { name: 'Take it back' }).click()
  await says(owner, 'It stands where it stood.')
  await passer.goto(at)
  await says(passer, 'So is mine.')
  expect(await owner.content()).not.toMatch(/\blikes?\b/i)

  await row.getByRole('button', { name: 'Ban this member' }).click()
  await says(owner, 'neither likes nor comments')
  await bob.goto(at)
  await says(bob, 'does not want you to comment')
  const refused = await ask(shop.port, {
    method: 'PUT',
    path: `${at}/like`,
    headers: { cookie: await cookieOf(bob), accept: 'application/json' },
  })
  expect(refused.status).toBe(403)

  // Its writer deletes what was answered: the place stays.
  await ada.goto(at)
  await ada.locator('summary', { hasText: 'Delete' }).click()
  await ada.getByRole('button', { name: 'Delete my comment' }).click()
  await says(ada, 'Your comment is gone.')
  await says(ada, 'This comment was removed.')
})

test('what the filter doubts waits for the owner, whose mail leads to a page with buttons; opening it decides nothing [engage 57, 58, 59]', async ({
  owner,
  stranger,
  mailbox,
  shop,
}) => {
  test.setTimeout(180_000)
  const at = await freePost(shop)
  const eve = await stranger()
  await signInByCode(eve, mailbox, 'eve@example.com')
  await comment(eve, at, 'Look at https://example.com/mine', 'Eve')
  await says(eve, 'Your comment waits until it was looked at')
  await says(eve, 'only you see it')
  const passer = await stranger()
  await passer.goto(at)
  await expect(passer.getByText('example.com/mine')).toHaveCount(0)

  const [{ email: address } = { email: '' }] = await shop.query<{ email: string }>(
    `select email from member where role = 'owner'`,
  )
  const told = await mailbox.mail(address, /comment waits for you/i)
  expect(told.text).not.toContain('example.com/mine')
  const decide = /\/comments\/decide\/[\w.-]+/.exec(told.text)?.[0] ?? ''
  const standing = async () =>
    (await shop.query<{ state: string }>(`select state from comment where body like 'Look at%'`))[0]
      ?.state
  for (let again = 0; again < 3; again++) {
    expect((await ask(shop.port, { path: decide })).status).toBe(200)
    expect((await ask(shop.port, { path: decide, method: 'HEAD' })).status).toBe(200)
  }
  expect(await standing()).toBe('held')
  // The owner's phone, where nobody is signed in.
  await passer.goto(decide)
  await says(passer, 'Look at https://example.com/mine')
  await passer.getByRole('button', { name: 'Show it' }).click()
  await says(passer, 'It stands here as: shown')
  await passer.goto(at)
  await expect(passer.getByRole('link', { name: 'https://example.com/mine' })).toHaveAttribute(
    'rel',
    /nofollow/,
  )
  await owner.goto('/admin/comments')
  await says(owner, 'Nothing waits for you')
})

test('a page about a member is there once they show it, and gone when they hide it', async ({
  stranger,
  mailbox,
}) => {
  const cyd = await stranger()
  await signInByCode(cyd, mailbox, 'cyd@example.com')
  await cyd.goto('/dashboard/profile')
  await cyd.getByLabel('Name', { exact: true }).fill('Cyd Marsh')
  await cyd.getByLabel('About you').fill('Folds paper.')
  await cyd.getByLabel('Show a page about me').check()
  await cyd.getByRole('button', { name: 'Save profile' }).click()
  await says(cyd, 'Your profile is saved.')
  const page = (await cyd.getByRole('link', { name: 'Your page' }).getAttribute('href')) ?? ''
  const passer = await stranger()
  await passer.goto(page)
  await expect(passer.getByRole('heading', { level: 1 })).toHaveText('Cyd Marsh')
  await says(passer, 'Folds paper.')
  await cyd.getByLabel('Show a page about me').uncheck()
  await cyd.getByRole('button', { name: 'Save profile' }).click()
  await expect(cyd.getByRole('link', { name: 'Your page' })).toHaveCount(0)
  expect((await passer.goto(page))?.status()).toBe(404)
})

test('who meets the teaser of a premium post meets neither its comments nor their number', async ({
  owner,
  stranger,
  mailbox,
  shop,
}) => {
  await shop.query(`update post set is_premium = true, opens_to_any_plan = true where slug = $1`, [
    post.split('/').at(-1),
  ])
  await owner.goto(post)
  await owner.getByLabel('Your comment').fill('The periwinkle is mine.')
  await owner.getByRole('button', { name: 'Comment', exact: true }).click()
  await says(owner, 'The periwinkle is mine.')
  await says(owner, 'One comment')
  const reader = await stranger()
  await signInByCode(reader, mailbox, 'teased@example.com')
  const cookie = await cookieOf(reader)
  for (const who of [undefined, cookie])
    for (const path of [post, `${post}/__data.json`]) {
      const { text } = await ask(shop.port, {
        path,
        headers: { accept: '*/*', ...(who && { cookie: who }) },
      })
      expect(text, path).not.toMatch(/periwinkle|One comment|class="discussion|"discussion":\d/)
    }
})
