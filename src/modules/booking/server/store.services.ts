import { isId } from '#modules/platform/ids.ts'
import type { Db, Tx } from '#modules/platform/server/index.ts'
import type { PlaceKind, Service, ServiceTerms } from '../types.ts'

const services = (via: Db) =>
  via
    .selectFrom('service')
    .innerJoin('product', 'product.id', 'service.product_id')
    .selectAll('service')
    .select('product.title')

type Row = Awaited<ReturnType<ReturnType<typeof services>['executeTakeFirstOrThrow']>>

function serviceOf(row: Row): Service {
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

/** What a service asks of the owner's time; undefined for a product that is none. */
export async function findService(via: Db, productId: string): Promise<Service | undefined> {
  return (await findServices(via, [productId]))[0]
}

/** The same of several; products that are none, and words that are no id, are left out. */
export async function findServices(via: Db, productIds: readonly string[]): Promise<Service[]> {
  const ids = productIds.filter(isId)
  if (ids.length === 0) return []
  const rows = await services(via).where('service.product_id', 'in', ids).execute()
  return rows.map(serviceOf)
}

/** Holds the product of a service until the transaction ends; false where there is none. */
export async function lockService(tx: Tx, productId: string): Promise<boolean> {
  const row = await tx
    .selectFrom('product')
    .select('id')
    .where('id', '=', productId)
    .where('kind', '=', 'service')
    .forUpdate()
    .executeTakeFirst()
  return row !== undefined
}

export async function copyService(tx: Tx, fromId: string, toId: string): Promise<void> {
  const original = await findService(tx, fromId)
  if (original) await writeService(tx, toId, original.terms)
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
