import type { Cookies } from '@sveltejs/kit'
import { expect, test } from 'vitest'
import { runtime } from '#modules/platform/server/index.ts'
import { provideRuntime } from '#server/runtime.ts'
import { emptyBeforeEach, useDatabase } from '../../../test/database.ts'
import { setUpOwner, signUp } from '../../../test/people.ts'
import type { MemberActor } from '#modules/accounts/types.ts'
import { mailboxReader } from './proof.server.ts'

useDatabase()
emptyBeforeEach()

const kept = new Map<string, { value: string; path: string | undefined; httpOnly: boolean }>()
// Only these two of a jar's functions are used.
const cookies = {
  get: (name: string) => kept.get(name)?.value,
  set: (name: string, value: string, options: { path: string; httpOnly: boolean }) =>
    kept.set(name, { value, path: options.path, httpOnly: options.httpOnly }),
} as unknown as Cookies

function ask(address: string, actor?: MemberActor): unknown {
  try {
    return mailboxReader({ url: new URL(address, 'http://shop.test'), locals: { actor }, cookies })
  } catch (thrown) {
    return thrown
  }
}

test('the link of the console opens the mailbox and leaves a cookie for it alone; the key leaves the address', () => {
  kept.clear()
  expect(ask('/mailbox')).toMatchObject({ status: 303, location: '/sign-in?next=%2Fmailbox' })
  expect(ask('/mailbox?key=wrong')).toMatchObject({ status: 303 })
  expect(kept.size).toBe(0)
  expect(ask(`/mailbox?key=${runtime().mailboxKey}`)).toMatchObject({
    status: 303,
    location: '/mailbox',
  })
  const [cookie] = kept.values()
  expect(cookie).toMatchObject({ path: '/mailbox', httpOnly: true })
  expect(cookie?.value).not.toContain(runtime().mailboxKey)
  expect(ask('/mailbox')).toEqual({ isOwner: false })
  kept.set('sundry_mailbox', { value: 'made up', path: '/mailbox', httpOnly: true })
  expect(ask('/mailbox')).toMatchObject({ status: 303 })
})

test('the owner reads it, another member does not', async () => {
  kept.clear()
  const { actor: owner } = await setUpOwner()
  const { actor: member } = await signUp('me@example.com')
  expect(ask('/mailbox', owner)).toEqual({ isOwner: true })
  expect(ask('/mailbox', member)).toMatchObject({ status: 404 })
})

test('with a real key there is no mailbox, not even for the owner', async () => {
  const { actor: owner } = await setUpOwner()
  const before = runtime()
  provideRuntime({
    ...before,
    settings: {
      ...before.settings,
      stripe: { mode: 'live', secretKey: 'sk_live_x', webhookSecrets: [] },
    },
  })
  expect(ask('/mailbox', owner)).toMatchObject({ status: 404 })
  expect(ask(`/mailbox?key=${before.mailboxKey}`)).toMatchObject({ status: 404 })
  provideRuntime(before)
})
