import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { MemberActor } from '#modules/accounts/types.ts'
import { newId } from '#modules/platform/ids.ts'
import { db } from '#modules/platform/server/index.ts'
import { emptyBeforeEach, useDatabase } from '../../../../../../test/database.ts'
import { setUpOwner } from '../../../../../../test/people.ts'
import { ledTo } from '../../../../../../test/routes.ts'
import { POST } from './+server.ts'

useDatabase()
emptyBeforeEach()

const send = (
  actor: MemberActor,
  product: string,
  goods: { readonly url?: string; readonly file?: File },
) =>
  ledTo(POST, {
    actor,
    path: '/admin/setup/product',
    form: { product, title: 'Field Notes', summary: '', amount: '12', url: '', ...goods },
  })

test('a first product that is sent twice at once is made once, and both are told which', async () => {
  const { actor } = await setUpOwner()
  const product = newId()
  const sent = () => send(actor, product, { url: 'https://shop.example/it' })
  expect(await Promise.all([sent(), sent()])).toEqual(Array(2).fill(`/admin/setup?made=${product}`))
  expect(await db().selectFrom('product').select(['id', 'state']).execute()).toEqual([
    { id: product, state: 'live' },
  ])
})

test('the price of a first product asks for the proof that every price asks for, and what was typed comes back', async () => {
  const { actor } = await setUpOwner()
  const product = newId()
  const file = new File(['field notes'], 'notes.pdf')
  await db()
    .insertInto('totp_factor')
    .values({
      member_id: actor.memberId,
      id: newId(),
      secret_sealed: 'x'.repeat(40),
      confirmed_at: sql`clock_now()`,
    })
    .execute()
  const asked = new URL(String(await send(actor, product, { file })), 'http://shop.example')
  expect(asked.pathname + (asked.searchParams.get('for') ?? '')).toBe('/sign-in/confirmprice')
  expect(asked.searchParams.get('next')).toBe(
    '/admin/setup?step=product&asked=1&upload=choose&title=Field+Notes&amount=12',
  )
  expect(await db().selectFrom('product').select('id').execute()).toEqual([])
  expect(await db().selectFrom('stored_file').select('id').execute()).toEqual([])

  await db()
    .updateTable('member_session')
    .set({ factor_proven_at: sql`clock_now()` })
    .where('id', '=', actor.sessionId)
    .execute()
  expect(await send(actor, product, { file })).toBe(`/admin/setup?made=${product}`)
})
