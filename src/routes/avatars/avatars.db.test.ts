import sharp from 'sharp'
import { expect, test } from 'vitest'
import { runtime } from '#modules/platform/server/index.ts'
import { provideRuntime } from '#server/runtime.ts'
import { emptyBeforeEach, useDatabase } from '../../../test/database.ts'
import { actorIn, signUp } from '../../../test/people.ts'
import { eventOf, ledTo } from '../../../test/routes.ts'
import { startS3Server } from '../../../test/s3-server.ts'
import { actions } from '../(account)/dashboard/settings/+page.server.ts'
import { GET } from './[id]/+server.ts'

useDatabase()
emptyBeforeEach()

const settings = '/dashboard/settings?/picture'
const photo = async () =>
  new File(
    [
      new Uint8Array(
        await sharp({ create: { width: 300, height: 200, channels: 3, background: '#b4472e' } })
          .png()
          .toBuffer(),
      ),
    ],
    'me.png',
    { type: 'image/png' },
  )
const idOf = (avatarUrl: string | undefined) => avatarUrl?.split('/')[2] ?? ''
const ask = (id: string, query = '') =>
  GET(eventOf({ path: `/avatars/${id}${query}`, params: { id } })) as Promise<Response>
const statusOf = (id: string) => ledTo(GET, { path: `/avatars/${id}`, params: { id } })

test('a member’s picture is shown in two sizes under an address of its own, which ends with the picture', async () => {
  const { actor, browser } = await signUp('anna@example.com')
  expect(
    await ledTo(actions.picture, { actor, path: settings, form: { picture: await photo() } }),
  ).toBe('/dashboard/settings?done=picture#picture')
  const first = idOf((await actorIn(browser)).avatarUrl)
  for (const [query, side] of [
    ['', 64],
    ['?size=256', 256],
    ['?size=9999', 64],
  ] as const) {
    const answer = await ask(first, query)
    expect(answer.status).toBe(200)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'image/webp',
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
    })
    const bytes = Buffer.from(await answer.arrayBuffer())
    expect(String(bytes.byteLength)).toBe(answer.headers.get('content-length'))
    expect(await sharp(bytes).metadata()).toMatchObject({ format: 'webp', width: side })
  }
  await ledTo(actions.picture, { actor, path: settings, form: { picture: await photo() } })
  const second = idOf((await actorIn(browser)).avatarUrl)
  expect(second).not.toBe(first)
  expect(await statusOf(first)).toBe(404)
  await ledTo(actions.removePicture, { actor, path: settings, form: {} })
  expect(await statusOf(second)).toBe(404)
  expect((await actorIn(browser)).avatarUrl).toBeUndefined()
})

test('what is no picture is refused in words, and what names none is not there', async () => {
  const { actor } = await signUp('anna@example.com')
  for (const picture of [new File([], ''), new File(['my diary'], 'me.png'), 'no file at all'])
    expect(await ledTo(actions.picture, { actor, path: settings, form: { picture } })).toBe(422)
  for (const id of ['nonsense', actor.memberId, '..%2f..']) expect(await statusOf(id)).toBe(404)
  expect(await ledTo(actions.picture, { path: settings, form: {} })).toMatch(/^\/sign-in/)
})

test('while the store is away a picture is asked for again later, and nothing broken is kept', async () => {
  const store = await startS3Server()
  const usual = runtime()
  try {
    provideRuntime({ ...usual, settings: { ...usual.settings, storageUrl: store.url('shop') } })
    const { actor, browser } = await signUp('anna@example.com')
    await ledTo(actions.picture, { actor, path: settings, form: { picture: await photo() } })
    const id = idOf((await actorIn(browser)).avatarUrl)
    expect((await ask(id)).status).toBe(200)
    await store.shut()
    const answer = await ask(id)
    expect([
      answer.status,
      answer.headers.get('cache-control'),
      answer.headers.get('retry-after'),
    ]).toEqual([503, 'no-store', '60'])
  } finally {
    provideRuntime(usual)
    await store.open()
    await store.close()
  }
})
