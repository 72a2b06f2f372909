import { randomUUID } from 'node:crypto'
import sharp from 'sharp'
import { beforeEach, expect, test } from 'vitest'
import { customerFor } from '#modules/accounts/server/index.ts'
import type { MemberActor, OwnerActor } from '#modules/accounts/types.ts'
import {
  beginPost,
  deletePost,
  deletePostForGood,
  editPost,
  postFor,
  postPictures,
  publishPost,
  unpublishPost,
} from '#modules/content/server/index.ts'
import type { Access, PostInput } from '#modules/content/types.ts'
import { followSubscription } from '#modules/entitlements/server/index.ts'
import { db, discardBytes, inTransaction, now } from '#modules/platform/server/index.ts'
import { emptyBeforeEach, passTime, useDatabase } from '../../../../test/database.ts'
import { setUpOwner, signUp } from '../../../../test/people.ts'
import { eventOf, ledTo } from '../../../../test/routes.ts'
import { actions } from '../../(admin)/admin/posts/[id]/+page.server.ts'
import { GET } from '../../images/[file]/+server.ts'

useDatabase()
emptyBeforeEach()

const plan = randomUUID()
const premium: Access = { kind: 'premium', anyPlan: false, planIds: [plan], productIds: [] }
let owner: OwnerActor
let postId: string
let input: PostInput
/** Addresses of a picture above the break, one below it and one that is nowhere in the text. */
let open: string
let shut: string
let unused: string

const photo = async (background: string) =>
  new File(
    [
      new Uint8Array(
        await sharp({ create: { width: 400, height: 300, channels: 3, background } })
          .png()
          .toBuffer(),
      ),
    ],
    'photo.png',
    { type: 'image/png' },
  )

const addressIn = (line: string) => /\((.*)\)$/.exec(line)?.[1] ?? ''

beforeEach(async () => {
  owner = (await setUpOwner()).actor
  const begun = await inTransaction((tx) => beginPost(tx, owner, { title: 'Pictured' }))
  postId = begun.id
  for (const [alt, background] of [
    ['Above', '#b4472e'],
    ['Below', '#336688'],
    ['Nowhere', '#000000'],
  ] as const)
    expect(
      await ledTo(actions.addPicture, {
        actor: owner,
        path: `/admin/posts/${postId}?/addPicture`,
        params: { id: postId },
        form: { picture: await photo(background), alt },
      }),
    ).toBe(`/admin/posts/${postId}?done=picture#pictures`)
  const lines = (await postPictures(db(), postId)).map(({ line }) => line)
  const [above = '', below = '', nowhere = ''] = lines
  open = addressIn(above)
  shut = addressIn(below)
  unused = addressIn(nowhere)
  input = {
    title: 'Pictured',
    slug: begun.slug,
    author: '',
    category: '',
    bodyMd: `${above}\n\n<!-- more -->\n\n${below}`,
    access: premium,
  }
  await inTransaction(async (tx) => {
    await editPost(tx, owner, postId, input)
    await publishPost(tx, owner, postId)
  })
})

/** The status and how long it may be kept. */
async function fetched(path: string, actor?: MemberActor): Promise<string> {
  const file = path.split('/').at(-1) ?? ''
  const asked = { path, params: { file }, ...(actor ? { actor } : {}) }
  const status = await ledTo(GET, asked)
  if (status !== 200) return String(status)
  const answer = await GET(eventOf(asked))
  await answer.body?.cancel()
  return `200 ${answer.headers.get('cache-control')}`
}

async function subscribe(member: MemberActor, planId: string, until: Date | undefined) {
  await inTransaction(async (tx) => {
    const customerId = await customerFor(tx, { email: member.email, memberId: member.memberId })
    await followSubscription(
      tx,
      { subscriptionId: randomUUID(), customerId, benefit: 'plan', subjectId: planId },
      { isOpen: true, until },
      { actor: 'stripe', cause: 'test' },
    )
  })
}

const forAll = '200 public, max-age=0, must-revalidate'
const forOne = '200 private, no-store'

test('[commerce 71] pictures of the rest refuse nobody, members without right, those of a lower plan and those whose right has just ended', async () => {
  const { actor: plain } = await signUp('plain@example.com')
  const { actor: lower } = await signUp('lower@example.com')
  const { actor: ended } = await signUp('ended@example.com')
  const { actor: payer } = await signUp('payer@example.com')
  await subscribe(lower, randomUUID(), undefined)
  await subscribe(payer, plan, undefined)
  await subscribe(ended, plan, new Date((await now(db())).getTime() + 60_000))
  expect(await fetched(shut, ended)).toBe(forOne)
  await passTime(60_000)
  for (const actor of [undefined, plain, lower, ended]) {
    expect(await fetched(open, actor)).toBe(forAll)
    expect(await fetched(shut, actor)).toBe('404')
    expect(await fetched(unused, actor)).toBe('404')
  }
  expect(await fetched(shut, payer)).toBe(forOne)
  expect(await fetched(shut, owner)).toBe(forOne)
  // Nor does the page tell where it lies.
  const found = await postFor(db(), 'pictured', plain)
  expect(JSON.stringify(found)).toContain(open)
  expect(JSON.stringify(found)).not.toContain(shut)
})

test('pictures follow what becomes of their post', async () => {
  await inTransaction((tx) => editPost(tx, owner, postId, { ...input, access: { kind: 'free' } }))
  expect(await fetched(shut)).toBe(forAll)
  await inTransaction((tx) => editPost(tx, owner, postId, input))
  expect(await fetched(shut)).toBe('404')
  await inTransaction((tx) => unpublishPost(tx, owner, postId))
  expect(await fetched(open)).toBe('404')
  expect(await fetched(open, owner)).toBe(forOne)
  await inTransaction((tx) => publishPost(tx, owner, postId))
  expect(await fetched(open)).toBe(forAll)
  await inTransaction((tx) => deletePost(tx, owner, postId))
  expect(await fetched(open)).toBe('404')
  const bytes = await inTransaction((tx) => deletePostForGood(tx, owner, postId))
  expect(bytes?.length).toBeGreaterThanOrEqual(3)
  await discardBytes(bytes ?? [])
  expect(await fetched(open, owner)).toBe('404')
  expect(await db().selectFrom('image').select('id').execute()).toEqual([])
})

test('a picture keeps its place while it loads', async () => {
  const found = await postFor(db(), 'pictured', undefined)
  expect(found).toMatchObject({ found: 'post' })
  expect(JSON.stringify(found)).toContain(`src=\\"${open}\\" width=\\"400\\" height=\\"300\\"`)
})

test('what is no picture, or is taken away by somebody who may not, changes nothing', async () => {
  const post = (name: 'addPicture' | 'removePicture', form: Record<string, string | File>) =>
    ledTo(actions[name], {
      actor: owner,
      path: `/admin/posts/${postId}?/${name}`,
      params: { id: postId },
      form,
    })
  expect(await post('addPicture', {})).toBe(400)
  expect(await post('addPicture', { picture: new File(['words'], 'a.png') })).toBe(422)
  expect(await post('removePicture', { image: randomUUID() })).toBe(404)
  expect(await post('removePicture', { image: 'x' })).toBe(404)
  expect(await postPictures(db(), postId)).toHaveLength(3)
  const [first] = await postPictures(db(), postId)
  expect(await post('removePicture', { image: first?.imageId ?? '' })).toBe(
    `/admin/posts/${postId}?done=picture-gone#pictures`,
  )
  expect(await fetched(open, owner)).toBe('404')
})
