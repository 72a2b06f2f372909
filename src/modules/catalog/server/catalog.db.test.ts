import { Readable } from 'node:stream'
import { sql } from 'kysely'
import sharp from 'sharp'
import { beforeEach, describe, expect, test } from 'vitest'
import { fixed } from '../price-rules.ts'
import { newId } from '#modules/platform/ids.ts'
import {
  db,
  discardBytes,
  inTransaction,
  storage,
  type Tx,
} from '#modules/platform/server/index.ts'
import { emptyBeforeEach, passTime, useDatabase } from '../../../../test/database.ts'
import type { ProductKind } from '../product-kind.ts'
import {
  addPicture,
  addQuestion,
  archiveProduct,
  coversOf,
  createProduct,
  deleteProduct,
  describePicture,
  duplicateProduct,
  editProduct,
  editQuestion,
  imageFile,
  limitPerOrder,
  moveQuestion,
  ownerProduct,
  ownerProducts,
  prepareImage,
  productKindsInStore,
  productTitles,
  publishProduct,
  questionsFor,
  removeQuestion,
  offersOf,
  removeExampleProducts,
  wordsSeen,
  removePicture,
  removeTaxRate,
  reorderPictures,
  restoreProduct,
  searchProducts,
  setPrice,
  setTaxRate,
  storeProduct,
  storeProducts,
  taxFor,
  taxRates,
  type QuestionWords,
} from './index.ts'

useDatabase()
emptyBeforeEach()

/** A kind that delivers nothing and is ready at once. */
const plainKind: ProductKind = {
  kind: 'plain',
  words: { one: 'thing', many: 'things' },
  describe: async () => new Map(),
  missing: async () => [],
  benefits: () => [],
  fulfil: async () => undefined,
  copy: async () => undefined,
  revoke: async () => undefined,
}

const everything = { limit: 50, offset: 0 }

async function draft(title: string, more: { isExample?: boolean; position?: number } = {}) {
  const { id } = await inTransaction((tx) =>
    createProduct(tx, 'system', { kind: 'plain', title, ...more }),
  )
  return id
}

async function live(
  title: string,
  amount = '12',
  more: { isExample?: boolean; position?: number } = {},
) {
  const id = await draft(title, more)
  await inTransaction((tx) => setPrice(tx, 'system', id, fixed(amount), 'EUR'))
  expect(await publish(id)).toEqual({ ok: true })
  return id
}

const publish = (id: string) =>
  inTransaction((tx) => publishProduct(tx, 'system', id, plainKind, 'EUR'))

async function rename(id: string, slug: string, title = 'Renamed') {
  return inTransaction((tx) =>
    editProduct(tx, 'system', id, { title, slug, summary: '', descriptionMd: '', position: 0 }),
  )
}

async function activePriceId(id: string): Promise<string> {
  const product = await ownerProduct(db(), id)
  return product?.price?.id ?? 'none'
}

async function titles(search: string): Promise<string[]> {
  return (await searchProducts(db(), search, everything)).items.map((item) => item.title)
}

async function auditTrail(id: string): Promise<string[]> {
  const rows = await db()
    .selectFrom('audit_entry')
    .select('action')
    .where('subject_id', '=', id)
    .orderBy('id')
    .execute()
  return rows.map((row) => row.action)
}

/** An open checkout that names the product at its present price, as payments writes it. */
async function openCheckout(productId: string): Promise<string> {
  const id = newId()
  const bought = (await offersOf(db(), [productId])).get(productId)
  if (!bought) throw new Error('not for sale')
  await inTransaction(async (tx) => {
    await sql`insert into stripe_backend (mode, account) values ('rehearsal', 'sandbox') on conflict do nothing`.execute(
      tx,
    )
    await sql`
      insert into checkout (id, backend_id, payable, currency, total_minor)
      values (${id}, (select min(id) from stripe_backend), 'order', ${bought.price.currency}, ${bought.price.minor})
    `.execute(tx)
    await tx
      .insertInto('checkout_line')
      .values({
        checkout_id: id,
        position: 0,
        product_id: bought.productId,
        price_id: bought.price.id,
        kind: bought.kind,
        title: bought.title,
        quantity: 1,
        unit_minor: bought.price.minor,
      })
      .execute()
  })
  return id
}

describe('the store', () => {
  test('shows live products with a price, in the owner’s order and then newest first', async () => {
    await draft('Draft')
    await live('Older')
    await passTime(1000)
    await live('Newer')
    await live('First', '12', { position: -1 })
    const archived = await live('Archived')
    await inTransaction((tx) => archiveProduct(tx, 'system', archived))
    const page = await storeProducts(db(), everything)
    expect(page.items.map((item) => item.title)).toEqual(['First', 'Newer', 'Older'])
    expect(page.total).toBe(3)
    expect(page.items[0]).toMatchObject({ slug: 'first', price: { minor: 1200, currency: 'EUR' } })
    expect(await productKindsInStore(db())).toEqual([{ kind: 'plain', count: 3 }])
  })

  test('gives pages, and says how many there are even past the last', async () => {
    for (const title of ['A', 'B', 'C']) await live(title)
    expect((await storeProducts(db(), { limit: 2, offset: 2 })).items).toHaveLength(1)
    expect(await storeProducts(db(), { limit: 2, offset: 200 })).toEqual({ items: [], total: 3 })
    expect((await storeProducts(db(), { limit: -1, offset: Number.NaN })).items).toEqual([])
    expect((await storeProducts(db(), { kind: 'other', ...everything })).total).toBe(0)
  })

  test('a draft has no page, a live product has', async () => {
    const id = await draft('Field notes')
    expect(await storeProduct(db(), 'field-notes')).toEqual({ found: 'none' })
    await inTransaction((tx) => setPrice(tx, 'system', id, fixed('9.50'), 'EUR'))
    await publish(id)
    expect(await storeProduct(db(), 'field-notes')).toMatchObject({
      found: 'product',
      product: { title: 'Field notes', price: { minor: 950, currency: 'EUR' }, gallery: [] },
    })
  })

  test.each(['', 'UPPER', '../etc', 'a b', 'x'.repeat(500), "'; drop table product; --", '%'])(
    'the address %j is nobody’s',
    async (slug) => {
      expect(await storeProduct(db(), slug)).toEqual({ found: 'none' })
    },
  )
})

describe('words that two people edit at once', () => {
  const words = (title: string) => ({
    title,
    slug: 'notes',
    summary: '',
    descriptionMd: '',
    position: 0,
  })

  test('are not saved over what was not seen, and are once it was', async () => {
    const id = await draft('Notes')
    const seen = async () => {
      const product = await ownerProduct(db(), id)
      if (!product) throw new Error('The product is gone.')
      return wordsSeen(product)
    }
    const both = await seen()
    const save = (title: string, mark: string) =>
      inTransaction((tx) => editProduct(tx, 'system', id, words(title), mark))
    expect(await save('Notes of the first', both)).toMatchObject({ ok: true })
    expect(await save('Notes of the second', both)).toEqual({ ok: false, reason: 'changed' })
    expect((await ownerProduct(db(), id))?.title).toBe('Notes of the first')
    expect(await save('Notes of the second', await seen())).toMatchObject({ ok: true })
    // Sent twice it says the same: nothing is lost by saving it again.
    expect(await save('Notes of the second', both)).toMatchObject({ ok: true })
  })
})

describe('searching', () => {
  beforeEach(async () => {
    const id = await live('Café notebook')
    await inTransaction((tx) =>
      editProduct(tx, 'system', id, {
        title: 'Café notebook',
        slug: 'cafe-notebook',
        summary: 'For quiet mornings',
        descriptionMd: 'Stitched, *unlined*.',
        position: 0,
      }),
    )
    await live('Poster 50% larger')
    await draft('Secret notebook')
  })

  test.each([
    ['cafe', ['Café notebook']],
    ['CAFÉ', ['Café notebook']],
    ['note', ['Café notebook']],
    ['quiet note', ['Café notebook']],
    ['unlin', ['Café notebook']],
    ['book', ['Café notebook']],
    ['50%', ['Poster 50% larger']],
    ['secret', []],
    ['nothing like it', []],
    ['', []],
    ['%', ['Poster 50% larger']],
    ["' or 1=1 --", []],
    ["'); drop table product; --", []],
    ['a & | ! <-> :* (', []],
    ['\u0000note', ['Café notebook']],
    ['no\u0000such', []],
    ['x'.repeat(5000), []],
  ])('%j finds %j', async (search, found) => {
    expect(await titles(search)).toEqual(found)
  })
})

describe('an address', () => {
  test('comes from the title, with a number where it is taken', async () => {
    await draft('Field notes')
    await draft('Field notes')
    await draft('  ¡Field: Nötes! ')
    const rows = await db().selectFrom('product').select('slug').orderBy('created_at').execute()
    expect(rows.map((row) => row.slug)).toEqual(['field-notes', 'field-notes-2', 'field-notes-3'])
  })

  test('two drafts of the same title made at once get two addresses', async () => {
    await Promise.all(Array.from({ length: 6 }, () => draft('Same')))
    const rows = await db().selectFrom('product').select('slug').execute()
    expect(new Set(rows.map((row) => row.slug)).size).toBe(6)
  })

  test('that was live goes on leading to its product, and back again', async () => {
    const id = await live('First name')
    expect(await rename(id, 'second')).toEqual({ ok: true, slug: 'second' })
    expect(await rename(id, 'third')).toEqual({ ok: true, slug: 'third' })
    expect(await storeProduct(db(), 'first-name')).toEqual({ found: 'moved', slug: 'third' })
    expect(await storeProduct(db(), 'second')).toEqual({ found: 'moved', slug: 'third' })
    expect(await rename(id, 'first-name')).toEqual({ ok: true, slug: 'first-name' })
    expect((await storeProduct(db(), 'first-name')).found).toBe('product')
    expect((await ownerProduct(db(), id))?.formerSlugs).toEqual(['second', 'third'])
  })

  test('of a draft that nobody ever saw is free again', async () => {
    const id = await draft('Draft')
    await rename(id, 'other')
    expect(await storeProduct(db(), 'draft')).toEqual({ found: 'none' })
    expect((await ownerProduct(db(), id))?.formerSlugs).toEqual([])
  })

  test('that another product has, or had, is refused', async () => {
    const one = await live('One')
    const two = await live('Two')
    expect(await rename(two, 'one')).toEqual({ ok: false, reason: 'slug_taken' })
    await rename(one, 'uno')
    expect(await rename(two, 'one')).toEqual({ ok: false, reason: 'slug_taken' })
    expect(await rename(newId(), 'x')).toEqual({ ok: false, reason: 'not_found' })
    expect(await rename('no id', 'x')).toEqual({ ok: false, reason: 'not_found' })
  })
})

describe('a price', () => {
  test('never changes: a new amount is a new price and the old one is no longer offered', async () => {
    const id = await live('Book', '12')
    const old = await activePriceId(id)
    await inTransaction((tx) => setPrice(tx, 'system', id, fixed('15'), 'EUR'))
    const rows = await db()
      .selectFrom('price')
      .select(['amount_minor', 'is_active'])
      .orderBy('amount_minor')
      .execute()
    expect(rows).toEqual([
      { amount_minor: 1200, is_active: false },
      { amount_minor: 1500, is_active: true },
    ])
    await expect(
      sql`update price set amount_minor = 1 where id = ${old}`.execute(db()),
    ).rejects.toThrow('a price never changes')
    await expect(sql`delete from price where id = ${old}`.execute(db())).rejects.toThrow(
      'never deleted',
    )
  })

  test('set again to the same amount stays the same price', async () => {
    const id = await live('Book', '12')
    const before = await activePriceId(id)
    await inTransaction((tx) => setPrice(tx, 'system', id, fixed('12.00'), 'EUR'))
    expect(await activePriceId(id)).toBe(before)
    expect(await auditTrail(id)).toEqual(['product.created', 'product.priced', 'product.published'])
  })

  test('set twice at once leaves one active', async () => {
    const id = await live('Book', '12')
    await Promise.all(
      ['13', '14', '15', '16'].map((amount) =>
        inTransaction((tx) => setPrice(tx, 'system', id, fixed(amount), 'EUR')),
      ),
    )
    const rows = await db().selectFrom('price').select('id').where('is_active', '=', true).execute()
    expect(rows).toHaveLength(1)
  })

  test('that cannot be read or charged is refused and changes nothing', async () => {
    const id = await live('Book', '12')
    for (const amount of ['0.49', 'free', '-1', '', '1,234', '1e3'])
      expect(
        (await inTransaction((tx) => setPrice(tx, 'system', id, fixed(amount), 'EUR'))).ok,
      ).toBe(false)
    expect((await offersOf(db(), [id])).get(id)?.price.minor).toBe(1200)
  })
})

describe('[commerce 14] a title or price edited while a checkout is open', () => {
  test('leaves what was shown as it was, and a buyer with the old price in hand is told the new one', async () => {
    const id = await live('Old title', '12')
    const shown = await activePriceId(id)
    const checkoutId = await openCheckout(id)
    await rename(id, 'old-title', 'New title')
    await inTransaction((tx) => setPrice(tx, 'system', id, fixed('20'), 'EUR'))
    const line = await db()
      .selectFrom('checkout_line')
      .innerJoin('price', 'price.id', 'checkout_line.price_id')
      .select(['checkout_line.title', 'checkout_line.unit_minor', 'price.amount_minor'])
      .where('checkout_id', '=', checkoutId)
      .executeTakeFirstOrThrow()
    expect(line).toEqual({ title: 'Old title', unit_minor: 1200, amount_minor: 1200 })
    expect((await offersOf(db(), [id])).get(id)).toMatchObject({
      title: 'New title',
      price: { minor: 2000, id: await activePriceId(id) },
    })
    expect(await activePriceId(id)).not.toBe(shown)
  })
})

describe('what can be bought', () => {
  test('is a live product at its present price, told by our own rows', async () => {
    const id = await live('Book', '12')
    expect((await offersOf(db(), [id])).get(id)).toEqual({
      productId: id,
      slug: 'book',
      kind: 'plain',
      title: 'Book',
      summary: '',
      price: {
        id: await activePriceId(id),
        minor: 1200,
        currency: 'EUR',
        isOpen: false,
        suggestedMinor: undefined,
      },
      mostPerOrder: 1,
      questions: [],
    })
  })

  test('is not a draft, nothing archived and nothing unknown', async () => {
    const dear = await live('Dear', '100')
    await inTransaction((tx) => archiveProduct(tx, 'system', dear))
    expect(await offersOf(db(), [dear, await draft('Draft'), newId(), "' or true --"])).toEqual(
      new Map(),
    )
  })

  test('says what is asked before, in order; what the owner took away is not asked any more', async () => {
    const id = await live('Book', '12')
    const ask = (question: string, more: Partial<QuestionWords> = {}): QuestionWords => ({
      question,
      help: '',
      answerKind: 'line',
      choices: [],
      isRequired: true,
      ...more,
    })
    const asked = async () => (await offersOf(db(), [id])).get(id)?.questions ?? []
    const words = async () => (await asked()).map((one) => one.question)
    const change = <Result>(work: (tx: Tx) => Promise<Result>) => inTransaction(work)
    await change((tx) =>
      addQuestion(tx, 'system', { productId: id, asked: 'buying' }, ask('Your name?')),
    )
    const size = ask('Which size?', { answerKind: 'choice', choices: ['S', 'M'] })
    await change((tx) => addQuestion(tx, 'system', { productId: id, asked: 'buying' }, size))
    await change((tx) => limitPerOrder(tx, 'system', id, 3))
    expect((await offersOf(db(), [id])).get(id)?.mostPerOrder).toBe(3)
    expect(await words()).toEqual(['Your name?', 'Which size?'])

    const [name, which] = await asked()
    if (!name || !which) throw new Error('two questions')
    await change((tx) =>
      moveQuestion(tx, 'system', { productId: id, asked: 'buying' }, which.id, 'earlier'),
    )
    await change((tx) =>
      editQuestion(tx, 'system', { productId: id, asked: 'buying' }, which.id, {
        ...size,
        question: 'Size?',
      }),
    )
    expect(await asked()).toEqual([{ ...size, id: which.id, question: 'Size?' }, name])
    await change((tx) => removeQuestion(tx, 'system', { productId: id, asked: 'buying' }, name.id))
    expect(await words()).toEqual(['Size?'])
    expect(
      await change((tx) =>
        editQuestion(tx, 'system', { productId: id, asked: 'buying' }, name.id, ask('Again?')),
      ),
    ).toEqual({
      ok: false,
      reason: 'not_found',
    })

    // What is asked when a time is booked is a list of its own.
    const booking = { productId: id, asked: 'booking' } as const
    await change((tx) => addQuestion(tx, 'system', booking, ask('What is it about?')))
    expect(await words()).toEqual(['Size?'])
    expect(await change((tx) => editQuestion(tx, 'system', booking, which.id, size))).toEqual({
      ok: false,
      reason: 'not_found',
    })

    const copy = await change((tx) => duplicateProduct(tx, 'system', id, plainKind))
    expect((await questionsFor(db(), [copy?.id ?? '', id])).get(copy?.id ?? '')).toMatchObject([
      { question: 'Size?', choices: ['S', 'M'] },
    ])
    expect(
      (await questionsFor(db(), [copy?.id ?? ''], 'booking')).get(copy?.id ?? ''),
    ).toMatchObject([{ question: 'What is it about?' }])
  })

  test('two who ask something at the same time both ask it, and there are at most twenty questions', async () => {
    const id = await live('Book', '12')
    const results = await Promise.all(
      Array.from({ length: 24 }, (_, at) =>
        inTransaction((tx) =>
          addQuestion(
            tx,
            'system',
            { productId: id, asked: 'buying' },
            {
              question: `Question ${at}`,
              help: '',
              answerKind: 'line',
              choices: [],
              isRequired: false,
            },
          ),
        ),
      ),
    )
    expect(results.filter((result) => result.ok)).toHaveLength(20)
    expect((await questionsFor(db(), [id])).get(id)).toHaveLength(20)
  })
})

describe('publishing', () => {
  test('is refused while something is missing, and says all of it', async () => {
    const id = await draft('Book')
    const wanting = { ...plainKind, missing: async () => ['Add a file.'] }
    const result = await inTransaction((tx) => publishProduct(tx, 'system', id, wanting, 'EUR'))
    expect(result).toEqual({
      ok: false,
      reason: 'missing',
      missing: ['Set a price.', 'Add a file.'],
    })
    expect((await ownerProduct(db(), id))?.state).toBe('draft')
  })

  test('is refused for a price in a currency that the shop has left', async () => {
    const id = await draft('Book')
    await inTransaction((tx) => setPrice(tx, 'system', id, fixed('12'), 'USD'))
    expect(await publish(id)).toEqual({
      ok: false,
      reason: 'missing',
      missing: ['Set the price again: it is in USD, and the shop now sells in EUR.'],
    })
  })

  test('twice is once', async () => {
    const id = await live('Book')
    expect(await publish(id)).toEqual({ ok: true })
    expect(await auditTrail(id)).toEqual(['product.created', 'product.priced', 'product.published'])
  })
})

describe('[commerce 15] archiving', () => {
  test('takes the page out of the store, says so politely at its addresses, and keeps the title for buyers', async () => {
    const id = await live('Book')
    await rename(id, 'book-two', 'Book two')
    await inTransaction((tx) => archiveProduct(tx, 'system', id))
    expect(await storeProduct(db(), 'book-two')).toEqual({ found: 'archived', title: 'Book two' })
    expect(await storeProduct(db(), 'book')).toEqual({ found: 'archived', title: 'Book two' })
    expect((await storeProducts(db(), everything)).total).toBe(0)
    expect((await productTitles(db(), [id, newId(), 'no id'])).get(id)).toEqual({
      title: 'Book two',
      slug: 'book-two',
      kind: 'plain',
      state: 'archived',
    })
  })

  test('is undone to a draft, which keeps its first day in the store', async () => {
    const id = await live('Book')
    const first = (await ownerProduct(db(), id))?.publishedAt
    await passTime(86_400_000)
    await inTransaction((tx) => archiveProduct(tx, 'system', id))
    expect(await publish(id)).toEqual({ ok: false, reason: 'archived' })
    expect(await inTransaction((tx) => restoreProduct(tx, 'system', id))).toBe(true)
    expect((await ownerProduct(db(), id))?.state).toBe('draft')
    await publish(id)
    expect((await ownerProduct(db(), id))?.publishedAt).toEqual(first)
    expect(await auditTrail(id)).toEqual([
      'product.created',
      'product.priced',
      'product.published',
      'product.archived',
      'product.restored',
      'product.published',
    ])
  })

  test('of something unknown is told', async () => {
    expect(await inTransaction((tx) => archiveProduct(tx, 'system', newId()))).toBe(false)
    expect(await inTransaction((tx) => restoreProduct(tx, 'system', 'no id'))).toBe(false)
  })
})

describe('deleting', () => {
  test('takes a draft with its prices', async () => {
    const id = await draft('Mistake')
    await inTransaction((tx) => setPrice(tx, 'system', id, fixed('12'), 'EUR'))
    expect(await inTransaction((tx) => deleteProduct(tx, 'system', id))).toEqual({
      ok: true,
      bytes: [],
    })
    expect(await db().selectFrom('price').select('id').execute()).toEqual([])
  })

  test('is refused for what was live, and for what a checkout names', async () => {
    const id = await live('Book')
    expect(await inTransaction((tx) => deleteProduct(tx, 'system', id))).toEqual({
      ok: false,
      reason: 'was_live',
    })
    const example = await live('Example', '12', { isExample: true })
    await openCheckout(example)
    const refused = await inTransaction(async (tx) => {
      const result = await deleteProduct(tx, 'system', example)
      // The transaction goes on after the refusal.
      await setPrice(tx, 'system', example, fixed('13'), 'EUR')
      return result
    })
    expect(refused).toEqual({ ok: false, reason: 'was_offered' })
    expect((await ownerProduct(db(), example))?.price?.minor).toBe(1300)
  })

  test('the examples go in one step; one that was bought in rehearsal is archived, the owner’s own stay', async () => {
    await live('Own')
    await live('Example one', '12', { isExample: true })
    const bought = await live('Example two', '12', { isExample: true })
    await openCheckout(bought)
    const result = await inTransaction((tx) => removeExampleProducts(tx, 'system'))
    expect(result).toEqual({ deleted: 1, archived: 1, bytes: [] })
    expect((await storeProducts(db(), everything)).items.map((item) => item.title)).toEqual(['Own'])
    expect((await ownerProduct(db(), bought))?.state).toBe('archived')
    expect(await inTransaction((tx) => removeExampleProducts(tx, 'system'))).toMatchObject({
      deleted: 0,
      archived: 0,
    })
  })
})

describe('pictures', () => {
  async function picture(colour: string) {
    const bytes = await sharp({
      create: { width: 400, height: 300, channels: 3, background: colour },
    })
      .png()
      .toBuffer()
    const result = await prepareImage(Readable.from([bytes]))
    if (!result.ok) throw new Error(result.reason)
    return result.image
  }

  const add = async (productId: string, alt: string) => {
    const image = await picture('#b4472e')
    const result = await inTransaction((tx) => addPicture(tx, 'system', productId, image, alt))
    return { image, result }
  }

  const alts = async (id: string) => (await ownerProduct(db(), id))?.pictures.map((one) => one.alt)

  test('the first is the cover, the others the gallery, and all can be moved, described and removed', async () => {
    const id = await live('Book')
    const one = await add(id, 'one')
    const two = await add(id, 'two')
    const three = await add(id, 'three')
    expect(await alts(id)).toEqual(['one', 'two', 'three'])
    const order = [three.image.id, one.image.id, two.image.id]
    expect(await inTransaction((tx) => reorderPictures(tx, 'system', id, order))).toBe(true)
    expect(
      await inTransaction((tx) => describePicture(tx, 'system', id, three.image.id, 'THREE')),
    ).toBe(true)
    expect(await alts(id)).toEqual(['THREE', 'one', 'two'])
    const found = await storeProduct(db(), 'book')
    if (found.found !== 'product') throw new Error('not in the store')
    expect(found.product.cover?.alt).toBe('THREE')
    expect(found.product.gallery.map((image) => image.alt)).toEqual(['one', 'two'])
    expect((await storeProducts(db(), everything)).items[0]?.cover?.alt).toBe('THREE')
    expect((await coversOf(db(), [id, newId()])).get(id)?.sources).toEqual([
      { width: 320, format: 'webp', url: expect.stringMatching(/^\/images\/[0-9a-f-]{36}\.webp$/) },
      { width: 400, format: 'webp', url: expect.stringMatching(/^\/images\/[0-9a-f-]{36}\.webp$/) },
      { width: 400, format: 'jpeg', url: expect.stringMatching(/^\/images\/[0-9a-f-]{36}\.jpg$/) },
    ])
  })

  test('removing drops the rows first and gives back the bytes to remove', async () => {
    const id = await live('Book')
    const { image } = await add(id, 'one')
    const fileId = image.variants[0]?.file.id ?? ''
    expect((await imageFile(db(), fileId))?.mediaType).toBe('image/webp')
    const keys = await inTransaction((tx) => removePicture(tx, 'system', id, image.id))
    expect(keys?.toSorted()).toEqual(image.variants.map(({ file }) => file.key).toSorted())
    expect(await imageFile(db(), fileId)).toBeUndefined()
    const key = keys?.[0] ?? ''
    expect(await storage().read(key)).toBeDefined()
    await discardBytes(keys ?? [])
    expect(await storage().read(key)).toBeUndefined()
    expect(await db().selectFrom('stored_file').select('id').execute()).toEqual([])
  })

  test('a copy shows the same files, which go with the last product that shows them', async () => {
    const id = await live('Book')
    const { image } = await add(id, 'one')
    const copy = await inTransaction((tx) => duplicateProduct(tx, 'system', id, plainKind))
    expect(await ownerProduct(db(), copy?.id ?? '')).toMatchObject({
      title: 'Copy of Book',
      slug: 'copy-of-book',
      state: 'draft',
      price: { minor: 1200 },
      pictures: [{ id: image.id }],
    })
    expect(await inTransaction((tx) => removePicture(tx, 'system', id, image.id))).toEqual([])
    const deleted = await inTransaction((tx) => deleteProduct(tx, 'system', copy?.id ?? ''))
    expect(deleted.ok && deleted.bytes.length).toBe(3)
  })

  test('a product with the longest title is copied, also where an emoji stands at the cut', async () => {
    const id = await live(`${'x'.repeat(111)}🦊 end`)
    const copy = await inTransaction((tx) => duplicateProduct(tx, 'system', id, plainKind))
    expect((await ownerProduct(db(), copy?.id ?? ''))?.title).toBe(`Copy of ${'x'.repeat(111)}`)
  })

  test('a thirteenth is refused, and so is one for a product that is gone', async () => {
    const id = await live('Book')
    for (let number = 1; number <= 12; number++)
      expect((await add(id, String(number))).result).toEqual({ ok: true })
    expect((await add(id, '13')).result).toEqual({ ok: false, reason: 'too_many' })
    expect((await add(newId(), '')).result).toEqual({ ok: false, reason: 'not_found' })
  })

  test('two added at once both find a place', async () => {
    const id = await live('Book')
    const results = await Promise.all([add(id, 'one'), add(id, 'two')])
    expect(results.every(({ result }) => result.ok)).toBe(true)
    expect((await alts(id))?.toSorted()).toEqual(['one', 'two'])
  })

  test('another product’s pictures cannot be touched', async () => {
    const id = await live('Book')
    const other = await live('Other')
    const { image } = await add(other, 'theirs')
    const done = await inTransaction(async (tx: Tx) => [
      await removePicture(tx, 'system', id, image.id),
      await describePicture(tx, 'system', id, image.id, 'mine'),
      await reorderPictures(tx, 'system', id, [image.id]),
      await reorderPictures(tx, 'system', other, []),
      await reorderPictures(tx, 'system', other, ["'; --"]),
    ])
    expect(done).toEqual([undefined, false, false, false, false])
    expect(await alts(other)).toEqual(['theirs'])
  })

  test('a file that is not a picture’s is never served as one', async () => {
    await inTransaction((tx) =>
      tx
        .insertInto('stored_file')
        .values({
          id: '018f0000-0000-7000-8000-000000000000',
          storage_key: 'downloads/00/secret',
          file_name: 'secret.pdf',
          media_type: 'application/pdf',
          byte_size: 1,
          sha256: 'a'.repeat(64),
        })
        .execute(),
    )
    expect(await imageFile(db(), '018f0000-0000-7000-8000-000000000000')).toBeUndefined()
    expect(await imageFile(db(), '../../secret')).toBeUndefined()
  })
})

describe('taxes', () => {
  const set = (rate: { productId?: string; country?: string; basisPoints: number }) =>
    inTransaction((tx) =>
      setTaxRate(tx, 'system', {
        productId: rate.productId,
        country: rate.country,
        basisPoints: rate.basisPoints,
        label: 'VAT',
      }),
    )

  test('the most exact rate wins, and one for the same place replaces the other', async () => {
    const book = await live('Book')
    const poster = await live('Poster')
    await set({ basisPoints: 1900 })
    await set({ country: 'AT', basisPoints: 1800 })
    await set({ country: 'AT', basisPoints: 2000 })
    await set({ productId: book, basisPoints: 700 })
    expect(await taxFor(db(), poster, 'AT')).toEqual({ basisPoints: 2000, label: 'VAT' })
    expect(await taxFor(db(), poster, undefined)).toEqual({ basisPoints: 1900, label: 'VAT' })
    expect(await taxFor(db(), book, 'AT')).toEqual({ basisPoints: 700, label: 'VAT' })
    expect(await taxRates(db())).toHaveLength(2)
    expect(await taxRates(db(), book)).toHaveLength(3)
    const found = await storeProduct(db(), 'book')
    expect(found.found === 'product' && found.product.tax).toEqual({
      basisPoints: 700,
      label: 'VAT',
    })
  })

  test('are removed by id, once, and leave a trace', async () => {
    await set({ basisPoints: 1900 })
    const id = (await taxRates(db()))[0]?.id ?? ''
    expect(await inTransaction((tx) => removeTaxRate(tx, 'system', id))).toBe(true)
    expect(await inTransaction((tx) => removeTaxRate(tx, 'system', id))).toBe(false)
    expect(await inTransaction((tx) => removeTaxRate(tx, 'system', "' --"))).toBe(false)
    expect(await auditTrail('taxes')).toEqual(['tax.set', 'tax.removed'])
    expect(await set({ productId: newId(), basisPoints: 1 })).toEqual({
      ok: false,
      reason: 'not_found',
    })
  })
})

describe('the owner’s list', () => {
  test('has all but archived ones, can be filtered by state and searched by part of title or address', async () => {
    await draft('Draft one')
    const archived = await live('Archived')
    await live('Lively book')
    await inTransaction((tx) => archiveProduct(tx, 'system', archived))
    const list = async (state: 'draft' | 'live' | 'archived' | undefined, search = '') => {
      const page = await ownerProducts(db(), { state, search, ...everything })
      return page.items.map((item) => item.title).toSorted()
    }
    expect(await list(undefined)).toEqual(['Draft one', 'Lively book'])
    expect(await list('archived')).toEqual(['Archived'])
    expect(await list(undefined, 'ly-bo')).toEqual(['Lively book'])
    expect(await list(undefined, 'RAF')).toEqual(['Draft one'])
    expect(await list('live', 'draft')).toEqual([])
    expect(await list(undefined, "%' or true --")).toEqual([])
    expect(
      (await ownerProducts(db(), { state: undefined, search: '', ...everything })).counts,
    ).toEqual({ draft: 1, live: 1, archived: 1, examples: 0 })
  })
})
