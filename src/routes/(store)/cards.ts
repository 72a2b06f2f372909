import type { KindDescription } from '#modules/catalog/product-kind.ts'
import type { ProductCard } from '#modules/catalog/types.ts'
import type { Db } from '#modules/platform/server/index.ts'
import { findProductKind } from '#boot/server/product-kinds.ts'

/** A product card with what its kind says of it. */
export interface StoreCard extends ProductCard {
  readonly description: KindDescription | undefined
}

/** Adds to each card how it is delivered and what is in it: one question to each kind that occurs. */
export async function describeCards(db: Db, cards: readonly ProductCard[]): Promise<StoreCard[]> {
  const kinds = [...new Set(cards.map((card) => card.kind))]
  const described = await Promise.all(
    kinds.map(async (kind) =>
      findProductKind(kind)?.describe(
        db,
        cards.filter((card) => card.kind === kind).map((card) => card.id),
      ),
    ),
  )
  const byId = new Map(described.flatMap((some) => [...(some ?? [])]))
  return cards.map((card) => ({ ...card, description: byId.get(card.id) }))
}

/** What a kind is called in the filter: "Downloads". */
export function kindWords(kind: string): { one: string; many: string } {
  return findProductKind(kind)?.words ?? { one: kind, many: kind }
}
