import { expect, test } from 'vitest'
import { answerLicenceRequest, setLicenceOffer } from '#modules/licences/server/index.ts'
import { provideProductExtras, provideProductKinds } from '#modules/orders/server/index.ts'
import { db, inTransaction } from '#modules/platform/server/index.ts'
import { productExtras, productKinds } from '#boot/server/product-kinds.ts'
import { emptyBeforeEach, useDatabase } from '../../../../../../test/database.ts'
import { setUpOwner, signUp } from '../../../../../../test/people.ts'
import { given, ledTo } from '../../../../../../test/routes.ts'
import { aProduct, sell } from '../../../../../../test/sales.ts'
import * as bought from '../../../../(account)/dashboard/products/[entitlement]/+page.server.ts'
import * as customer from './+page.server.ts'
import * as give from './give/+page.server.ts'

useDatabase()
emptyBeforeEach()

interface Licence {
  readonly key: string
  readonly activations: readonly { readonly id: string; readonly name: string }[]
}

async function aGivenKey() {
  provideProductKinds(productKinds)
  provideProductExtras(productExtras)
  const { actor: owner } = await setUpOwner()
  const { actor: ann } = await signUp('ann@example.com')
  const product = await aProduct('Editor')
  await inTransaction((tx) =>
    setLicenceOffer(tx, owner, product.id, { isOn: true, seats: 2, prefix: 'ED' }),
  )
  // Whoever bought something is a customer, and may be given more.
  const order = await sell([await aProduct('Other')], {
    email: 'ann@example.com',
    memberId: ann.memberId,
  })
  const id = order.customerId
  const page = { actor: owner, path: `/admin/customers/${id}`, params: { id } }
  expect(
    await ledTo(give.actions.default, {
      ...page,
      path: `/admin/customers/${id}/give`,
      form: { product: product.id, reason: 'A friend' },
    }),
  ).toBe(`/admin/customers/${id}?notice=given`)
  const entitlement = await db()
    .selectFrom('entitlement')
    .select('id')
    .where('subject_id', '=', product.id)
    .executeTakeFirstOrThrow()
  const shelf = {
    actor: ann,
    path: `/dashboard/products/${entitlement.id}`,
    params: { entitlement: entitlement.id },
  }
  const keysOf = async (which: 'owner' | 'holder') =>
    which === 'owner'
      ? (await given<{ licences: readonly Licence[] }>(customer.load, page)).licences
      : (await given<{ licences: readonly Licence[] }>(bought.load, shelf)).licences
  const [licence] = await keysOf('owner')
  if (!licence) throw new Error('No key was given.')
  return { page, shelf, keysOf, key: licence.key, product }
}

const software = async (act: 'verify' | 'activate', key: string, instance?: string) =>
  (await answerLicenceRequest(act, { key, instance, name: instance }, '192.0.2.0')).answer
const ask = async (key: string) => (await software('verify', key)).reason

test('a key that was given is on the page of who has it and of the customer; each may let go of its seats', async () => {
  const { page, shelf, keysOf, key } = await aGivenKey()
  expect((await keysOf('holder')).map((one) => one.key)).toEqual([key])
  expect(key).toMatch(/^ED-/)
  for (const instance of ['desk', 'laptop']) await software('activate', key, instance)
  const seats = async () => (await keysOf('owner')).flatMap((one) => one.activations)
  const seatOf = async (name: string) => (await seats()).find((one) => one.name === name)?.id ?? ''
  const activation = await seatOf('desk')
  expect(await ledTo(bought.actions.letGo, { ...shelf, form: { activation } })).toBe(
    `${shelf.path}#licences`,
  )
  expect((await seats()).map((one) => one.name)).toEqual(['laptop'])
  const end = { ...page, form: { activation: await seatOf('laptop') } }
  expect(await ledTo(customer.actions.endActivation, end)).toBe(
    `${page.path}?notice=activation-ended#licences`,
  )
  expect(await ledTo(customer.actions.endActivation, end)).toBe(
    `${page.path}?notice=activation-gone#licences`,
  )
  expect(await seats()).toEqual([])
})

test('a given key closes with what was given, and is nobody else’s to see', async () => {
  const { page, shelf, keysOf, key } = await aGivenKey()
  const { actor: mallory } = await signUp('mallory@example.com')
  expect(await ledTo(bought.load, { ...shelf, actor: mallory })).toBe(404)
  expect(await ledTo(bought.actions.letGo, { ...shelf, actor: mallory, form: {} })).toBe(404)
  expect(await ledTo(customer.load, { ...page, actor: mallory })).toBe(404)
  expect(await ask(key)).toBeNull()
  const comp = await db().selectFrom('comp').select('id').executeTakeFirstOrThrow()
  const takeBack = { ...page, form: { comp: comp.id, reason: '' } }
  expect(await ledTo(customer.actions.takeBack, takeBack)).toBe(400)
  expect(
    await ledTo(customer.actions.takeBack, {
      ...takeBack,
      form: { comp: comp.id, reason: 'Over' },
    }),
  ).toBe(`${page.path}?notice=taken-back`)
  expect(await ask(key)).not.toBeNull()
  expect(await keysOf('holder')).toEqual([])
})
