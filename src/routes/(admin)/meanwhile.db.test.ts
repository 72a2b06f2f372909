import { isRedirect } from '@sveltejs/kit'
import { expect, test } from 'vitest'
import type { OwnerActor } from '#modules/accounts/types.ts'
import { createCoupon } from '#modules/coupons/server/index.ts'
import { provideProductExtras, provideProductKinds } from '#modules/orders/server/index.ts'
import { db, inTransaction } from '#modules/platform/server/index.ts'
import { beginSite } from '#modules/site/server/index.ts'
import { productExtras, productKinds } from '#boot/server/product-kinds.ts'
import { emptyBeforeEach, useDatabase } from '../../../test/database.ts'
import { aFileProduct } from '../../../test/files.ts'
import { setUpOwner } from '../../../test/people.ts'
import * as coupon from './admin/coupons/[id]/edit/+page.server.ts'
import * as product from './admin/products/[id]/+page.server.ts'
import * as asked from './admin/settings/before-paying/+page.server.ts'
import * as look from './admin/settings/look/+page.server.ts'
import * as mail from './admin/settings/mail/+page.server.ts'
import * as shopPage from './admin/settings/pages/[slug]/+page.server.ts'
import * as site from './admin/settings/+page.server.ts'

useDatabase()
emptyBeforeEach()

type Fields = Readonly<Record<string, string>>
interface Form {
  readonly load: (event: never) => unknown
  readonly action: ((event: never) => unknown) | undefined
  readonly params?: Fields
  /** Two forms that differ, and what the second one's writer is told of the first. */
  readonly first: Fields
  readonly second: Fields
  readonly told: readonly { readonly label: string; readonly text: string }[]
  /** The form's mark, in what the page was given. */
  readonly mark?: (data: never) => string
}

const words = { name: 'Mine', sentence: '', aboutMd: '', ownerName: '', contactEmail: '' }
const place = { timeZone: 'UTC', locale: 'en', currency: 'EUR' }
const wears = { brandColour: '#b4472e', paper: 'warm', look: 'plain', density: '', head: '' }
const server = { host: 'smtp.example.com', port: '587', user: '', password: '', from: '' }
const terms = {
  code: 'SPRING',
  takesOff: 'percent',
  percent: '10',
  amount: '',
  covers: 'all',
  from: '',
  until: '',
  minimum: '',
  mostUses: '',
  mostUsesPerCustomer: '',
  note: '',
}

async function forms(owner: OwnerActor): Promise<Readonly<Record<string, Form>>> {
  provideProductKinds(productKinds)
  provideProductExtras(productExtras)
  await inTransaction(beginSite)
  const thing = await aFileProduct()
  const made = await inTransaction((tx) =>
    createCoupon(tx, owner, {
      code: 'SPRING',
      note: '',
      reduction: { basisPoints: 500 },
      productIds: undefined,
      minimumMinor: 0,
      startsAt: undefined,
      endsAt: undefined,
      isActive: true,
      mostUses: undefined,
      mostUsesPerCustomer: undefined,
    }),
  )
  const inProduct = {
    load: product.load,
    params: { id: thing.id },
    mark: (data: { contentMarks: Fields }) => data.contentMarks,
  }
  const version = { item: thing.itemId, version: thing.versionId }
  const item = { item: thing.itemId, kind: 'file', note: '' }
  const markOf = (form: string) => (data: { contentMarks: Fields }) => data.contentMarks[form] ?? ''
  return {
    'the shop': {
      load: site.load,
      action: site.actions.default,
      first: { ...words, ...place, sentence: 'The first' },
      second: { ...words, ...place, sentence: 'The second' },
      told: [{ label: 'One sentence', text: 'The first' }],
    },
    'the look': {
      load: look.load,
      action: look.actions.default,
      first: { ...wears, head: 'bar' },
      second: { ...wears, paper: 'cool' },
      told: [
        { label: 'Head of each page', text: 'Dark bar' },
        { label: 'Paper', text: 'Warm' },
      ],
    },
    'what is asked before paying': {
      load: asked.load,
      action: asked.actions.default,
      first: { asksTerms: 'yes', offersWithdrawal: 'yes' },
      second: { asksImmediateDelivery: 'yes', offersWithdrawal: 'yes' },
      told: [
        { label: 'Ask for agreement to the terms', text: 'Yes' },
        { label: 'Ask for consent to immediate delivery', text: 'No' },
      ],
    },
    'a page': {
      load: shopPage.load,
      action: shopPage.actions.save,
      params: { slug: 'terms' },
      first: { title: 'Terms', bodyMd: 'The first' },
      second: { title: 'Terms', bodyMd: 'The second' },
      told: [{ label: 'Text', text: 'The first' }],
    },
    'the mail server': {
      load: mail.load,
      action: mail.actions.save,
      first: { ...server, from: 'first@example.com' },
      second: { ...server, from: 'second@example.com' },
      told: [{ label: 'From', text: 'first@example.com' }],
    },
    'a coupon': {
      load: coupon.load,
      action: coupon.actions.default,
      params: { id: made.ok ? made.couponId : '' },
      first: { ...terms, note: 'The first' },
      second: { ...terms, note: 'For friends' },
      told: [{ label: 'Note', text: 'The first' }],
    },
    'what a version says': {
      ...inProduct,
      action: product.actions.editVersion,
      mark: markOf(thing.versionId),
      first: { ...version, label: '1', changes: 'The first' },
      second: { ...version, label: '1', changes: 'The second' },
      told: [{ label: 'What is new', text: 'The first' }],
    },
    'how a file is called': {
      ...inProduct,
      action: product.actions.editItem,
      mark: markOf(thing.itemId),
      first: { ...item, title: 'The first' },
      second: { ...item, title: 'The second' },
      told: [{ label: 'Title', text: 'The first' }],
    },
    'greeting and directions': {
      ...inProduct,
      action: product.actions.contentWords,
      mark: markOf('words'),
      first: { greeting: 'The first', directionsMd: '' },
      second: { greeting: 'The second', directionsMd: '' },
      told: [{ label: 'Greeting', text: 'The first' }],
    },
  }
}

test('no form of the owner saves over what its writer has not seen; told of it, it saves at the next press', async () => {
  const { actor } = await setUpOwner()
  for (const [name, form] of Object.entries(await forms(actor))) {
    const url = new URL('http://shop.example/admin')
    const base = { url, params: form.params ?? {}, locals: { actor } }
    const event = (more: object = {}) => ({ ...base, ...more }) as never // what loads and actions read of it
    const data = (await form.load(event())) as never
    const seen = form.mark?.(data) ?? (data as { seen: string }).seen
    expect(seen, name).toMatch(/^[\w-]{22}$/)
    const save = async (fields: Fields, mark: string) => {
      const body = new URLSearchParams({ ...fields, seen: mark })
      try {
        return (await form.action?.(
          event({ request: new Request(url, { method: 'POST', body }) }),
        )) as { status: number; data: { stored: unknown; seen?: string; values: { seen: string } } }
      } catch (thrown) {
        if (isRedirect(thrown)) return 'saved'
        throw thrown
      }
    }
    expect(await save(form.first, seen), name).toBe('saved')
    const refused = await save(form.second, seen)
    if (refused === 'saved') throw new Error(`${name} was overwritten.`)
    expect(refused.status, name).toBe(409)
    expect(refused.data.stored, name).toEqual(form.told)
    const told = refused.data.seen ?? refused.data.values.seen
    expect(await save(form.second, told), name).toBe('saved')
    // What stands there already is no conflict.
    expect(await save(form.second, seen), name).toBe('saved')
  }
  expect(await db().selectFrom('coupon').select('note').execute()).toEqual([
    { note: 'For friends' },
  ])
})
