import { isRedirect } from '@sveltejs/kit'
import { expect, test } from 'vitest'
import { newId } from '#modules/platform/ids.ts'
import { db } from '#modules/platform/server/index.ts'
import { emptyBeforeEach, useDatabase } from '../../../../../../test/database.ts'
import { setUpOwner } from '../../../../../../test/people.ts'
import { POST } from './+server.ts'

useDatabase()
emptyBeforeEach()

type Event = Parameters<typeof POST>[0]

test('a first product that is sent twice at once is made once, and both are told which', async () => {
  const { actor } = await setUpOwner()
  const product = newId()
  const send = async (): Promise<string> => {
    const fields = {
      product,
      title: 'Field Notes',
      summary: '',
      amount: '12',
      url: 'https://shop.example/it',
    }
    const body = new FormData()
    for (const [name, value] of Object.entries(fields)) body.set(name, value)
    const request = new Request('http://shop.example/admin/setup/product', { method: 'POST', body })
    const event = { request, locals: { actor }, url: new URL(request.url) }
    try {
      await POST(event as unknown as Event) // what the handler reads of it
    } catch (thrown) {
      if (isRedirect(thrown)) return thrown.location
      throw thrown
    }
    throw new Error('It led nowhere.')
  }
  expect(await Promise.all([send(), send()])).toEqual(Array(2).fill(`/admin/setup?made=${product}`))
  expect(await db().selectFrom('product').select(['id', 'state']).execute()).toEqual([
    { id: product, state: 'live' },
  ])
})
