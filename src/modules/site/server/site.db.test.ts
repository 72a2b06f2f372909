import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { db, inTransaction } from '#modules/platform/server/index.ts'
import { emptyBeforeEach, useDatabase } from '../../../../test/database.ts'
import { siteInput, type SiteInput } from '../schemas.ts'
import {
  addSitePage,
  beginSite,
  editAsked,
  editLook,
  editSite,
  editSitePage,
  removeSitePage,
  siteIdentity,
  sitePage,
  sitePageLinks,
  sitePages,
  type Owner,
} from './index.ts'

useDatabase()
emptyBeforeEach()

const owner: Owner = { kind: 'owner', memberId: '018f0000-0000-7000-8000-000000000001' }
const input: SiteInput = {
  name: 'Harbour Press',
  sentence: 'Printed matter for quiet rooms.',
  aboutMd: 'Hello.',
  ownerName: 'Harbour',
  contactEmail: 'hello@harbour.example',
  timeZone: 'Europe/Lisbon',
  locale: 'en-GB',
  currency: 'EUR',
}

async function auditActions(): Promise<string[]> {
  const rows = await db().selectFrom('audit_entry').select('action').orderBy('id').execute()
  return rows.map((row) => row.action)
}

describe('the site', () => {
  it('answers before the owner said anything', async () => {
    expect(await siteIdentity(db())).toMatchObject({
      name: 'A new shop',
      currency: 'EUR',
      paletteCss: '',
      look: 'warm',
      lookCss: '',
    })
  })

  it('says what the owner wrote, and keeps the change on record', async () => {
    await inTransaction((tx) => editSite(tx, owner, input))
    expect(await siteIdentity(db())).toMatchObject({ ...input })
    expect(await auditActions()).toEqual(['site.edited'])
  })

  it('asks buyers what the owner chose, and that is on record', async () => {
    const asked = { asksTerms: true, asksImmediateDelivery: false, offersWithdrawal: false }
    await inTransaction((tx) => editAsked(tx, owner, asked))
    expect(await siteIdentity(db())).toMatchObject(asked)
    await inTransaction((tx) => editSite(tx, owner, input))
    expect(await siteIdentity(db())).toMatchObject({ ...asked, name: input.name })
    expect(await auditActions()).toEqual(['site.asked_before_paying', 'site.edited'])
  })

  it('has the example studio and pages once, whatever is begun twice', async () => {
    expect(await inTransaction(beginSite)).toBe(true)
    expect(await inTransaction(beginSite)).toBe(false)
    const links = await sitePageLinks(db())
    expect(links.map((link) => link.slug)).toEqual(['terms', 'privacy', 'refunds', 'imprint'])
    expect((await sitePages(db())).every((page) => page.isExample)).toBe(true)
  })

  it('begins without touching what the owner wrote before', async () => {
    await inTransaction((tx) => editSite(tx, owner, input))
    expect(await inTransaction(beginSite)).toBe(false)
    expect((await siteIdentity(db())).name).toBe('Harbour Press')
  })

  it('gives the colours to the pages only when they are not those of the stylesheet', async () => {
    await inTransaction((tx) =>
      editLook(tx, owner, {
        brandColour: '#ffff00',
        paper: 'cool',
        look: 'warm',
        density: 'roomy',
        head: undefined,
        fonts: undefined,
        roundness: undefined,
        hero: undefined,
      }),
    )
    const site = await siteIdentity(db())
    expect(site).toMatchObject({
      brandColour: '#ffff00',
      paper: 'cool',
      look: 'warm',
      density: 'roomy',
      head: undefined,
    })
    expect(site.lookCss).toContain('--room-section')
    expect(site.paletteCss).toContain('--accent:#ffff00')
    expect(await auditActions()).toEqual(['site.look_changed'])
  })

  it('bumps the public version with every change', async () => {
    const version = async () =>
      (await db().selectFrom('public_version').select('version').executeTakeFirstOrThrow()).version
    const before = await version()
    await inTransaction((tx) => editSite(tx, owner, input))
    expect(await version()).toBeGreaterThan(before)
  })

  it('changes the currency before the first sale, and refuses it afterwards', async () => {
    await inTransaction((tx) => editSite(tx, owner, input))
    expect(await inTransaction((tx) => editSite(tx, owner, { ...input, currency: 'CHF' }))).toEqual(
      { ok: true },
    )
    await pretendASale()
    expect(
      await inTransaction((tx) =>
        editSite(tx, owner, { ...input, name: 'New name', currency: 'USD' }),
      ),
    ).toEqual({ ok: false, reason: 'currency_is_fixed', currency: 'CHF' })
    // The refusal changed nothing, not even the name, and left no line on record.
    expect(await siteIdentity(db())).toMatchObject({ name: 'Harbour Press', currency: 'CHF' })
    expect(await auditActions()).toEqual(['site.edited', 'site.edited'])
    expect(
      await inTransaction((tx) =>
        editSite(tx, owner, { ...input, name: 'New name', currency: 'CHF' }),
      ),
    ).toEqual({ ok: true })
  })

  it('keeps the currency while somebody is paying, and lets it go when they gave up', async () => {
    await inTransaction((tx) => editSite(tx, owner, input))
    await pretendACheckout('open')
    const other = { ...input, currency: 'CHF' }
    expect(await inTransaction((tx) => editSite(tx, owner, other))).toMatchObject({
      ok: false,
      reason: 'currency_is_fixed',
    })
    await sql`update checkout set state = 'expired'`.execute(db())
    expect(await inTransaction((tx) => editSite(tx, owner, other))).toEqual({ ok: true })
  })
})

describe('a page of the site', () => {
  it('is added at an address made of its title, edited, and taken away', async () => {
    expect(
      await inTransaction((tx) =>
        addSitePage(tx, owner, { title: 'Größen & Maße', bodyMd: 'A4.' }),
      ),
    ).toEqual({ ok: true, slug: 'grossen-masse' })
    expect((await sitePage(db(), 'grossen-masse'))?.bodyMd).toBe('A4.')
    expect(
      await inTransaction((tx) =>
        editSitePage(tx, owner, 'grossen-masse', { title: 'Sizes', bodyMd: 'A5.' }),
      ),
    ).toEqual({ ok: true })
    expect(await sitePage(db(), 'grossen-masse')).toMatchObject({ title: 'Sizes', bodyMd: 'A5.' })
    expect(await inTransaction((tx) => removeSitePage(tx, owner, 'grossen-masse'))).toBe(true)
    expect(await inTransaction((tx) => removeSitePage(tx, owner, 'grossen-masse'))).toBe(false)
    expect(await auditActions()).toEqual([
      'site_page.added',
      'site_page.edited',
      'site_page.removed',
    ])
  })

  it('is no example any more once the owner wrote it', async () => {
    await inTransaction(beginSite)
    await inTransaction((tx) =>
      editSitePage(tx, owner, 'terms', { title: 'Terms', bodyMd: 'Mine.' }),
    )
    expect(await sitePage(db(), 'terms')).toMatchObject({ isExample: false, bodyMd: 'Mine.' })
  })

  it('is hidden from visitors while it has no text', async () => {
    await inTransaction((tx) => addSitePage(tx, owner, { title: 'Later', bodyMd: '' }))
    expect(await sitePage(db(), 'later')).toBeUndefined()
    expect(await sitePageLinks(db())).toEqual([])
    expect(await sitePages(db())).toHaveLength(1)
  })

  it('is refused with the title of another', async () => {
    await inTransaction((tx) => addSitePage(tx, owner, { title: 'Terms', bodyMd: '' }))
    expect(
      await inTransaction((tx) => addSitePage(tx, owner, { title: 'Terms', bodyMd: '' })),
    ).toEqual({
      ok: false,
      reason: 'title_taken',
    })
  })

  it('gets a number where another title makes the same address, as those without Latin letters do', async () => {
    const slugs: string[] = []
    for (const title of ['Terms', 'terms!', 'Όροι χρήσης', '配送', 'الشحن', 'x'.repeat(120)]) {
      const added = await inTransaction((tx) => addSitePage(tx, owner, { title, bodyMd: title }))
      slugs.push(added.ok ? added.slug : added.reason)
    }
    const long = await inTransaction((tx) =>
      addSitePage(tx, owner, { title: `${'x'.repeat(119)}y`, bodyMd: '' }),
    )
    expect([...slugs, long.ok && long.slug]).toEqual([
      'terms',
      'terms-2',
      'page',
      'page-2',
      'page-3',
      'x'.repeat(60),
      `${'x'.repeat(58)}-2`,
    ])
    expect((await sitePage(db(), 'page-2'))?.title).toBe('配送')
  })

  it('is added once when it is added twice at the same time', async () => {
    const add = () => inTransaction((tx) => addSitePage(tx, owner, { title: 'Terms', bodyMd: '' }))
    const both = await Promise.all([add(), add()])
    expect(both.filter((added) => added.ok)).toHaveLength(1)
    expect(await sitePages(db())).toHaveLength(1)
  })
})

describe('what the owner may write', () => {
  it.each([
    ['timeZone', 'Mars/Olympus'],
    ['timeZone', '+02:00'],
    ['locale', 'xx_YY'],
    ['currency', 'EURO'],
    ['contactEmail', 'not an address'],
    ['name', '   '],
    ['name', 'x'.repeat(81)],
  ])('refuses %s = %j in words', (field, value) => {
    const parsed = siteInput.safeParse({ ...input, [field]: value })
    expect(parsed.success).toBe(false)
    expect(parsed.error?.issues[0]?.path).toEqual([field])
    expect(parsed.error?.issues[0]?.message).toMatch(/\.$/)
  })
})

/** The least that makes an order row; orders' own rules are tested there. */
async function pretendACheckout(state: 'open'): Promise<void> {
  await inTransaction(async (tx) => {
    await sql`set local session_replication_role = replica`.execute(tx)
    await sql`
      insert into checkout (id, backend_id, payable, state, currency, total_minor)
      values (gen_random_uuid(), 1, 'order', ${state}, 'EUR', 100)
    `.execute(tx)
  })
}

async function pretendASale(): Promise<void> {
  await inTransaction(async (tx) => {
    await sql`set local session_replication_role = replica`.execute(tx)
    await sql`
      insert into shop_order (id, checkout_id, customer_id, email, currency, total_minor, mode, placed_at)
      values (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'a@b.example', 'CHF', 100, 'rehearsal', clock_now())
    `.execute(tx)
  })
}
