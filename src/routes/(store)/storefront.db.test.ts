import { isHttpError, isRedirect } from '@sveltejs/kit'
import { sql } from 'kysely'
import { beforeEach, describe, expect, it } from 'vitest'
import { db, inTransaction } from '#modules/platform/server/index.ts'
import { beginSite } from '#modules/site/server/index.ts'
import { emptyBeforeEach, useDatabase } from '../../../test/database.ts'
import { load as loadFront } from './+page.server.ts'
import { load as loadProduct } from './p/[slug]/+page.server.ts'
import { load as loadPage } from './pages/[slug]/+page.server.ts'
import { GET as picture } from './pictures/[name]/+server.ts'
import { load as loadSearch } from './search/+page.server.ts'
import { GET as sitemap } from './sitemap.xml/+server.ts'

useDatabase()
emptyBeforeEach()

beforeEach(async () => {
  await inTransaction(beginSite)
})

/** The least that stands in the store; how products get there is the catalogue's own business. */
async function product(
  slug: string,
  state: 'live' | 'archived' | 'draft' = 'live',
  title = 'Field notes',
): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    insert into product (slug, kind, title, summary, description_md, state, published_at)
    values (${slug}, 'download', ${title}, 'Forty pages.', '## Inside' || chr(10) || chr(10) || 'Paper.', ${state}, clock_now())
    returning id
  `.execute(db())
  const id = rows[0]?.id
  if (!id) throw new Error('The product was not written.')
  await sql`insert into price (product_id, amount_minor, currency) values (${id}, 900, 'EUR')`.execute(
    db(),
  )
  return id
}

/** A load is called with what it reads of the event; the framework fills in the rest. */
type Loaded<Load> = Load extends (event: never) => infer Result
  ? Exclude<Awaited<Result>, void>
  : never
async function run<Load extends (event: never) => unknown>(
  load: Load,
  path: string,
  params: Record<string, string> = {},
): Promise<Loaded<Load>> {
  const event = {
    url: new URL(path, 'http://shop.test'),
    params,
    locals: {},
    parent: async () => ({ site: { aboutMd: '' } }),
  }
  // The loads of this folder read nothing else of the event.
  return (await load(event as never)) as Loaded<Load>
}

async function refusal(
  work: Promise<unknown>,
): Promise<{ status: number; to?: string; words?: string }> {
  try {
    await work
  } catch (error) {
    if (isHttpError(error)) return { status: error.status, words: error.body.message }
    if (isRedirect(error)) return { status: error.status, to: error.location }
    throw error
  }
  throw new Error('It was not refused.')
}

describe('a product page', () => {
  it('shows what the product is, what it costs and what else there is', async () => {
    await product('field-notes')
    await product('ledger')
    const page = await run(loadProduct, '/p/field-notes', { slug: 'field-notes' })
    expect(page.product).toMatchObject({
      title: 'Field notes',
      price: { minor: 900, currency: 'EUR' },
    })
    expect(page.bodyHtml).toContain('<h2>Inside</h2>')
    expect(page.also.map((card: { slug: string }) => card.slug)).toEqual(['ledger'])
  })

  it('politely says that a product is no longer sold [commerce 15]', async () => {
    await product('old', 'archived', 'Old <b>thing</b>')
    expect(await refusal(run(loadProduct, '/p/old', { slug: 'old' }))).toEqual({
      status: 410,
      words: '“Old <b>thing</b>” is no longer sold.',
    })
  })

  it('leads from an address that was once printed to the one of today', async () => {
    const id = await product('field-notes')
    await sql`insert into product_former_slug (slug, product_id) values ('notes', ${id})`.execute(
      db(),
    )
    expect(await refusal(run(loadProduct, '/p/notes', { slug: 'notes' }))).toEqual({
      status: 301,
      to: '/p/field-notes',
    })
  })

  it('does not exist for drafts and nonsense', async () => {
    await product('draft', 'draft')
    for (const slug of ['draft', 'nothing', "'; drop table product; --", '..', 'A'.repeat(500)]) {
      expect((await refusal(run(loadProduct, '/p/x', { slug }))).status).toBe(404)
    }
  })
})

describe('the front page', () => {
  it('shows live products alone', async () => {
    await product('a')
    await product('b', 'draft')
    await product('c', 'archived')
    const page = await run(loadFront, '/')
    expect(page.cards.map((card: { slug: string }) => card.slug)).toEqual(['a'])
  })

  it.each(['/?kind=nothing', '/?page=0', '/?page=2', '/?page=1e99', '/?page=abc', '/?page=-1'])(
    'does not exist as %s',
    async (path) => {
      await product('a')
      expect((await refusal(run(loadFront, path))).status).toBe(404)
    },
  )
})

describe('the search', () => {
  it('finds by word, and bears whatever is typed', async () => {
    await product('field-notes')
    expect((await run(loadSearch, '/search?q=notes')).total).toBe(1)
    for (const typed of ["'", '%', ':*&|!()', '\\', 'x'.repeat(5_000), '<script>', '\u0000']) {
      const page = await run(loadSearch, `/search?q=${encodeURIComponent(typed)}`)
      expect({ typed, total: page.total }).toEqual({ typed, total: 0 })
    }
  })

  it('has no page behind the last one', async () => {
    await product('field-notes')
    expect((await run(loadSearch, '/search?q=notes&page=1')).cards).toHaveLength(1)
    expect(await refusal(run(loadSearch, '/search?q=notes&page=2'))).toMatchObject({ status: 404 })
  })
})

describe('what robots read', () => {
  it('lists live products and the owner’s own pages, not the examples', async () => {
    await product('field-notes')
    await product('gone', 'archived')
    await sql`update site_page set is_example = false where slug = 'terms'`.execute(db())
    // The handler reads nothing of the event.
    const text = await (await sitemap({} as never)).text()
    expect([...text.matchAll(/<loc>(.*?)<\/loc>/g)].map((match) => match[1])).toEqual([
      'http://shop.test/',
      'http://shop.test/p/field-notes',
      'http://shop.test/pages/terms',
    ])
  })
})

describe('a legal page', () => {
  it('shows its text, and does not exist without any', async () => {
    expect((await run(loadPage, '/pages/terms', { slug: 'terms' })).html).toContain(
      '<h2>Who sells</h2>',
    )
    await sql`update site_page set body_md = '' where slug = 'terms'`.execute(db())
    expect((await refusal(run(loadPage, '/pages/terms', { slug: 'terms' }))).status).toBe(404)
  })
})

describe('a picture for sharing', () => {
  it('is a PNG of 1200 x 630 for the shop and for what it sells, and nothing else', async () => {
    await product('field-notes')
    const at = (name: string) => Promise.resolve(picture({ params: { name } } as never))
    for (const name of ['shop.png', 'field-notes.png']) {
      const bytes = new Uint8Array(await (await at(name)).arrayBuffer())
      expect(Buffer.from(bytes.subarray(1, 4)).toString()).toBe('PNG')
      const header = new DataView(bytes.buffer)
      expect([header.getUint32(16), header.getUint32(20)]).toEqual([1200, 630])
    }
    for (const name of ['nothing.png', 'shop.svg', '../shop.png', 'shop']) {
      expect((await refusal(at(name))).status).toBe(404)
    }
  })
})
