/** What a sale came to in the shop's database. */
export interface SaleOutcome {
  readonly orders: number
  /** Rights to the goods that are open. */
  readonly open: number
  readonly receipts: number
}

interface Asked {
  query<Row extends object>(text: string, parameters: unknown[]): Promise<Row[]>
}

/** The outcomes of these sales by Stripe's session; one that the shop knows nothing of is left out. */
export async function saleOutcomes(
  shop: Asked,
  sessions: Iterable<string>,
): Promise<ReadonlyMap<string, SaleOutcome>> {
  const rows = await shop.query<SaleOutcome & { session: string }>(
    `select c.stripe_session_id as session,
      (select count(*) from shop_order where checkout_id = c.id)::int as orders,
      (select count(*) from entitlement e join order_line l on l.id = e.source_id join shop_order o on o.id = l.order_id
        where o.checkout_id = c.id and e.state = 'active')::int as open,
      (select count(*) from email_message m join shop_order o on m.template = 'receipt' and m.entity_key = o.id::text || ':first'
        where o.checkout_id = c.id)::int as receipts
     from checkout c where c.stripe_session_id = any($1)`,
    [[...sessions]],
  )
  return new Map(rows.map((row) => [row.session, row]))
}
