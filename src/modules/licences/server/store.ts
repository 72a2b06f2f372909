import { sql } from 'kysely'
import { clockNow, type Db, type Tx } from '#modules/platform/server/index.ts'
import type { Activation, LicenceOffer } from '../types.ts'

export async function findOffer(db: Db, productId: string): Promise<LicenceOffer | undefined> {
  return db
    .selectFrom('licence_offer')
    .select(['is_on as isOn', 'seats', 'prefix'])
    .where('product_id', '=', productId)
    .executeTakeFirst()
}

/** Writes the offer; whoever bought before is owed a key from the moment it is on. false: there is no such product. */
export async function writeOffer(tx: Tx, productId: string, offer: LicenceOffer): Promise<boolean> {
  const { rows } = await sql`
    insert into licence_offer (product_id, is_on, seats, prefix)
    select id, ${offer.isOn}, ${offer.seats}, ${offer.prefix} from product where id = ${productId}::uuid
    on conflict (product_id) do update set
      is_on = excluded.is_on, seats = excluded.seats, prefix = excluded.prefix,
      switched_on_at = case when excluded.is_on and not licence_offer.is_on then clock_now() else licence_offer.switched_on_at end,
      owes_earlier = licence_offer.owes_earlier or (excluded.is_on and not licence_offer.is_on)
    returning product_id
  `.execute(tx)
  return rows.length > 0
}

/** Keys of the product that are out allow no less than this. */
export async function raiseSeats(tx: Tx, productId: string, seats: number): Promise<void> {
  await tx
    .updateTable('licence')
    .set({ seats_each: seats })
    .where('product_id', '=', productId)
    .where('seats_each', '<', seats)
    .execute()
}

export async function copyOffer(tx: Tx, fromProductId: string, toProductId: string): Promise<void> {
  await sql`
    insert into licence_offer (product_id, is_on, seats, prefix)
    select ${toProductId}::uuid, is_on, seats, prefix from licence_offer where product_id = ${fromProductId}::uuid
    on conflict do nothing
  `.execute(tx)
}

/** Products whose earlier buyers may be without a key. */
export async function owingProducts(db: Db, most: number): Promise<string[]> {
  const rows = await db
    .selectFrom('licence_offer')
    .select('product_id')
    .where('is_on', '=', true)
    .where('owes_earlier', '=', true)
    .orderBy('product_id')
    .limit(most)
    .execute()
  return rows.map((row) => row.product_id)
}

/**
 * Nobody is left who bought before. Only a while after it was switched on: a purchase that was being written then, and
 * was not seen, has ended by now.
 */
export async function settleEarlier(tx: Tx, productId: string): Promise<void> {
  await sql`
    update licence_offer set owes_earlier = false
    where product_id = ${productId}::uuid and switched_on_at < clock_now() - interval '15 minutes'
  `.execute(tx)
}

/**
 * Gives a key to whatever gave a right to the product and has none, if the product gives keys; of one source when it is named.
 * codes: as many as may be given. Returns how many were.
 */
export async function insertLicences(
  tx: Tx,
  productId: string,
  source: { readonly kind: string; readonly id: string } | undefined,
  codes: readonly string[],
): Promise<number> {
  const { rows } = await sql`
    with owed as (
      select entitlement.source_kind, entitlement.source_id, entitlement.subject_id as product_id,
        offer.prefix, offer.seats,
        -- All of it given back: should a refund fail, it is all there again.
        case when line.id is null then 1 when line.refunded_quantity >= line.quantity then line.quantity
          else line.quantity - line.refunded_quantity end as quantity
      from entitlement
      join licence_offer offer on offer.product_id = entitlement.subject_id and offer.is_on
      left join order_line line on entitlement.source_kind = 'order_line' and line.id = entitlement.source_id
      where entitlement.benefit = 'product' and entitlement.subject_id = ${productId}::uuid
        and entitlement.source_kind in ('order_line', 'comp')
        and entitlement.reason is distinct from 'reassigned'
        ${source ? sql`and entitlement.source_kind = ${source.kind} and entitlement.source_id = ${source.id}::uuid` : sql``}
        and not exists (
          select from licence where licence.source_kind = entitlement.source_kind
            and licence.source_id = entitlement.source_id and licence.product_id = entitlement.subject_id)
      limit ${codes.length}
    ), numbered as (select *, row_number() over () as at from owed)
    insert into licence (code, prefix, product_id, source_kind, source_id, seats_each, quantity)
    select fresh.code, numbered.prefix, numbered.product_id, numbered.source_kind, numbered.source_id,
      numbered.seats, numbered.quantity
    from numbered join unnest(${codes}::text[]) with ordinality as fresh (code, at) on fresh.at = numbered.at
    on conflict (source_kind, source_id, product_id) do nothing
    returning id
  `.execute(tx)
  return rows.length
}

export interface StoredLicence {
  readonly id: string
  readonly code: string
  readonly prefix: string
  readonly productId: string
  readonly title: string
  readonly sourceKind: string
  readonly sourceId: string
  readonly seats: number
  readonly seatsUsed: number
}

/** Licences that these sources gave, in the order of their products' titles, at most 200. */
export async function licencesOfSources(
  db: Db,
  kind: 'order_line' | 'comp',
  ids: readonly string[],
): Promise<StoredLicence[]> {
  if (ids.length === 0) return []
  return db
    .selectFrom('licence')
    .innerJoin('product', 'product.id', 'licence.product_id')
    .select([
      'licence.id',
      'licence.code',
      'licence.prefix',
      'licence.product_id as productId',
      'product.title',
      'licence.source_kind as sourceKind',
      'licence.source_id as sourceId',
      'licence.seats',
      'licence.seats_used as seatsUsed',
    ])
    .where('licence.source_kind', '=', kind)
    .where('licence.source_id', 'in', ids)
    .orderBy('product.title')
    .orderBy('licence.id')
    .limit(200)
    .execute()
}

/** Activations of each of these licences, seen last first, at most so many of each. */
export async function activationsOf(
  db: Db,
  licenceIds: readonly string[],
  most: number,
): Promise<ReadonlyMap<string, readonly Activation[]>> {
  if (licenceIds.length === 0) return new Map()
  const { rows } = await sql<Activation & { licenceId: string }>`
    select id, licence_id as "licenceId", instance, name, created_at as since, seen_at as "seenAt"
    from (select *, row_number() over (partition by licence_id order by seen_at desc, id) as at
      from licence_activation where licence_id = any(${licenceIds}::uuid[])) numbered
    where at <= ${most} order by licence_id, at
  `.execute(db)
  return Map.groupBy(rows, (row) => row.licenceId)
}

/** What stands behind a code, and the seat of the instance that is asked about; one look-up by the unique code. */
export interface Standing {
  readonly id: string
  readonly productId: string
  readonly slug: string
  readonly isNamed: boolean
  readonly seats: number
  readonly seatsUsed: number
  readonly state: string | null
  readonly reason: string | null
  readonly mode: string | null
  readonly activationId: string | null
}

export async function findStanding(
  db: Db,
  code: string,
  asked: { readonly product: string | undefined; readonly instance: string | undefined },
): Promise<Standing | undefined> {
  const { rows } = await sql<Standing>`
    select licence.id, licence.product_id as "productId", product.slug, licence.seats, licence.seats_used as "seatsUsed",
      given.state, given.reason, shop_order.mode, licence_activation.id as "activationId",
      ${asked.product ?? null}::text is null or ${asked.product ?? null} in (product.slug, product.id::text)
        or exists (select from product_former_slug former where former.product_id = product.id and former.slug = ${asked.product ?? null})
        as "isNamed"
    from licence
    join product on product.id = licence.product_id
    left join lateral (
      select state, reason from entitlement
      where entitlement.source_kind = licence.source_kind and entitlement.source_id = licence.source_id
        and benefit = 'product' and subject_id = licence.product_id and reason is distinct from 'reassigned'
      order by state = 'active' desc limit 1
    ) given on true
    left join order_line on licence.source_kind = 'order_line' and order_line.id = licence.source_id
    left join shop_order on shop_order.id = order_line.order_id
    left join licence_activation on licence_activation.licence_id = licence.id
      and licence_activation.instance = ${asked.instance ?? null}
    where licence.code = ${code}
  `.execute(db)
  return rows[0]
}

/** Whoever changes the seats of a licence, or who has them, holds its row first: then nobody waits for each other. */
export async function lockLicences(
  tx: Tx,
  which:
    | { readonly code: string }
    | { readonly kind: string; readonly sourceIds: readonly string[] }
    | { readonly activationId: string },
): Promise<{ readonly id: string; readonly quantity: number; readonly seatsEach: number }[]> {
  const licences = tx
    .selectFrom('licence')
    .select(['id', 'quantity', 'seats_each as seatsEach'])
    .orderBy('id')
    .forUpdate()
  if ('code' in which) return licences.where('code', '=', which.code).execute()
  if ('activationId' in which)
    return licences
      .where('id', '=', (query) =>
        query
          .selectFrom('licence_activation')
          .select('licence_id')
          .where('licence_activation.id', '=', which.activationId),
      )
      .execute()
  if (which.sourceIds.length === 0) return []
  return licences
    .where('source_kind', '=', which.kind)
    .where('source_id', 'in', which.sourceIds)
    .execute()
}

/** Takes a seat, or tells that the one it has is in use. The caller holds the licence and has seen that a seat is free. */
export async function takeSeat(
  tx: Tx,
  licenceId: string,
  instance: string,
  name: string,
): Promise<void> {
  await tx
    .insertInto('licence_activation')
    .values({ licence_id: licenceId, instance, name })
    .onConflict((conflict) =>
      conflict.columns(['licence_id', 'instance']).doUpdateSet((own) => ({
        seen_at: clockNow,
        name: own
          .case()
          .when('excluded.name', '=', '')
          .then(own.ref('licence_activation.name'))
          .else(own.ref('excluded.name'))
          .end(),
      })),
    )
    .execute()
}

/** It was in use just now. Written at most once an hour: most questions only read. */
export async function noteSeen(db: Db, activationId: string): Promise<void> {
  await sql`
    update licence_activation set seen_at = clock_now()
    where id = ${activationId}::uuid and seen_at < clock_now() - interval '1 hour'
  `.execute(db)
}

export async function letGoInstance(tx: Tx, licenceId: string, instance: string): Promise<void> {
  await tx
    .deleteFrom('licence_activation')
    .where('licence_id', '=', licenceId)
    .where('instance', '=', instance)
    .execute()
}

export async function letGoActivation(
  tx: Tx,
  id: string,
  licenceId: string,
): Promise<{ readonly instance: string; readonly name: string } | undefined> {
  return tx
    .deleteFrom('licence_activation')
    .where('id', '=', id)
    .where('licence_id', '=', licenceId)
    .returning(['instance', 'name'])
    .executeTakeFirst()
}

/** Keeps the seats seen last, so many of them. The caller holds the licence. */
export async function letGoBut(tx: Tx, licenceId: string, keep: number): Promise<void> {
  await sql`
    delete from licence_activation where id in (
      select id from licence_activation where licence_id = ${licenceId}::uuid
      order by seen_at desc, id offset ${keep})
  `.execute(tx)
}

export async function setQuantity(tx: Tx, licenceId: string, quantity: number): Promise<void> {
  await tx.updateTable('licence').set({ quantity }).where('id', '=', licenceId).execute()
}
