import { coversOf, productTitles } from '#modules/catalog/server/index.ts'
import type { ImageView } from '#modules/catalog/types.ts'
import { goodsOf } from '#modules/downloads/server/index.ts'
import type { Goods } from '#modules/downloads/types.ts'
import { explainEntitlement } from '#modules/entitlements/reasons.ts'
import type { Entitlement } from '#modules/entitlements/types.ts'
import type { Db } from '#modules/platform/server/index.ts'
import { findProductKind } from '#boot/server/product-kinds.ts'

/** A thing somebody bought, as pages show it. */
export interface Bought {
  readonly entitlementId: string
  /** The order line or comp it came from. */
  readonly sourceId: string
  readonly productId: string
  readonly title: string
  readonly slug: string
  /** Whether its page in the shop is there. */
  readonly isSold: boolean
  /** It ended for good, and can be bought anew. */
  readonly canBuyAgain: boolean
  readonly kind: string
  /** "Download" */
  readonly kindWord: string
  readonly cover: ImageView | undefined
  readonly since: Date
  /** Why it does not open; undefined when it does. */
  readonly closed: { readonly title: string; readonly words: string } | undefined
  /** What is in it, of what opens and is a download. */
  readonly goods: Goods | undefined
  /** Where each version of its files is fetched. */
  readonly links: Readonly<Record<string, string>>
}

/**
 * Joins entitlements to products with what pages tell of them, in the given order; a bounded number of queries. linkTo:
 * the address of a file, for whoever looks. Whoever looks has been proven to be their holder.
 */
export async function boughtThings(
  db: Db,
  entitlements: readonly Entitlement[],
  linkTo: (entitlementId: string, versionId: string) => string,
): Promise<readonly Bought[]> {
  const ids = [...new Set(entitlements.map((entitlement) => entitlement.subjectId))]
  const open = entitlements.filter((entitlement) => entitlement.state === 'active')
  const [names, covers, goods] = await Promise.all([
    productTitles(db, ids),
    coversOf(db, ids),
    goodsOf(db, [...new Set(open.map((entitlement) => entitlement.subjectId))]),
  ])
  return entitlements.flatMap((entitlement) => {
    const name = names.get(entitlement.subjectId)
    if (!name) return [] // a product that was sold is never deleted
    const isOpen = entitlement.state === 'active'
    const inside = isOpen ? goods.get(entitlement.subjectId) : undefined
    return [
      {
        entitlementId: entitlement.id,
        sourceId: entitlement.source.id,
        productId: entitlement.subjectId,
        title: name.title,
        slug: name.slug,
        isSold: name.state === 'live',
        canBuyAgain:
          name.state === 'live' &&
          (entitlement.state === 'revoked' || entitlement.state === 'expired'),
        kind: name.kind,
        kindWord: findProductKind(name.kind)?.words.one ?? name.kind,
        cover: covers.get(entitlement.subjectId),
        since: entitlement.startsAt,
        closed: isOpen ? undefined : explainEntitlement(entitlement.state, entitlement.reason),
        goods: inside,
        links: Object.fromEntries(
          (inside?.items ?? []).flatMap((item) =>
            item.kind === 'file'
              ? item.versions.map((version) => [version.id, linkTo(entitlement.id, version.id)])
              : [],
          ),
        ),
      },
    ]
  })
}
