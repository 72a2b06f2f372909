import type { Db, Tx } from '#modules/platform/server/index.ts'
import type { PlaceKind, Service, ServiceTerms } from '../types.ts'

/** What a service asks of the owner's time; undefined for a product that is none. */
export async function findService(via: Db, productId: string): Promise<Service | undefined> {
  const row = await via
    .selectFrom('service')
    .innerJoin('product', 'product.id', 'service.product_id')
    .selectAll('service')
    .select('product.title')
    .where('service.product_id', '=', productId)
    .executeTakeFirst()
  if (!row) return undefined
  return {
    productId: row.product_id,
    title: row.title,
    terms: {
      duration: row.duration,
      increment: row.increment,
      bufferBefore: row.buffer_before,
      bufferAfter: row.buffer_after,
      notice: row.notice,
      windowDays: row.window_days ?? undefined,
      mostADay: row.most_a_day ?? undefined,
      mostAWeek: row.most_a_week ?? undefined,
      seats: row.seats,
      placeKind: row.place_kind as PlaceKind, // the column's check
      place: row.place,
      cancelCutoff: row.cancel_cutoff ?? undefined,
      moveCutoff: row.move_cutoff ?? undefined,
      mostMoves: row.most_moves ?? undefined,
    },
  }
}

export async function writeService(tx: Tx, productId: string, terms: ServiceTerms): Promise<void> {
  const columns = {
    duration: terms.duration,
    increment: terms.increment,
    buffer_before: terms.bufferBefore,
    buffer_after: terms.bufferAfter,
    notice: terms.notice,
    window_days: terms.windowDays ?? null,
    most_a_day: terms.mostADay ?? null,
    most_a_week: terms.mostAWeek ?? null,
    seats: terms.seats,
    place_kind: terms.placeKind,
    place: terms.place,
    cancel_cutoff: terms.cancelCutoff ?? null,
    move_cutoff: terms.moveCutoff ?? null,
    most_moves: terms.mostMoves ?? null,
  }
  await tx
    .insertInto('service')
    .values({ product_id: productId, ...columns })
    .onConflict((conflict) => conflict.column('product_id').doUpdateSet(columns))
    .execute()
}
