import { deviceWords } from '#modules/accounts/device-words.ts'
import { answersOf, consentsOf } from '#modules/cart/server/index.ts'
import { accessLogOfLines } from '#modules/downloads/server/index.ts'
import type { SaleRecord } from '#modules/orders/evidence.ts'
import { mailsOfOrder } from '#modules/orders/server/index.ts'
import type { OrderWithLines } from '#modules/orders/types.ts'
import { runtime, type Db } from '#modules/platform/server/index.ts'
import { siteIdentity, sitePageLinks } from '#modules/site/server/index.ts'

/** Everything that is on record about a sale, for a bank or for a decision about a withdrawal. */
export async function saleRecord(db: Db, order: OrderWithLines): Promise<SaleRecord> {
  const [site, pages, consents, answers, fetches, mails] = await Promise.all([
    siteIdentity(db),
    sitePageLinks(db),
    consentsOf(db, order.checkoutId),
    answersOf(db, order.checkoutId),
    accessLogOfLines(
      db,
      order.lines.map((line) => line.id),
      {},
    ),
    mailsOfOrder(db, order),
  ])
  const { origin } = runtime().settings
  return {
    order,
    shopName: site.name,
    consents,
    answers,
    policies: pages
      .filter((page) => page.slug === 'terms' || page.slug === 'refunds')
      .map((page) => ({ title: page.title, url: `${origin}/pages/${page.slug}` })),
    fetches: fetches.rows.map((one) => ({
      at: one.at,
      what: `${one.itemTitle}, version ${one.versionLabel}`,
      act: 'fetched',
      isComplete: one.completedAt !== undefined,
      network: one.network,
      device: one.userAgent ? deviceWords(one.userAgent) : undefined,
    })),
    mails: mails.map((mail) => ({ subject: mail.subject, to: mail.to, sentAt: mail.sentAt })),
  }
}
