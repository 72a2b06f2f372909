import type pg from 'pg'

/** A hundred times what a good year brings a one-person business. */
export const size = { products: 2_000, customers: 20_000, orders: 100_000, events: 400_000 }

/**
 * Fills a fresh example shop by SQL, past all use cases: rows as they would stand after years of trade. Every sale is whole
 * (checkout, payment, order, line, entitlement, receipt, event), so the invariants hold on it.
 */
export async function loadData(client: pg.Client): Promise<void> {
  const run = async (sql: string) => client.query(sql)
  await run(`set synchronous_commit = off; set statement_timeout = '5min'`)
  await run(`
    insert into product (kind, slug, title, summary, description_md, state, position, published_at)
    select 'download', 'guide-' || n, 'Field guide no. ' || n, 'What grows, nests and hides in square ' || n,
      repeat('A paragraph about hedges, rooks and weather. ', 20), case when n % 20 = 0 then 'archived' when n % 15 = 0 then 'draft' else 'live' end,
      100, clock_now() - n * interval '1 hour'
    from generate_series(1, ${size.products}) n;
    insert into price (product_id, amount_minor, currency)
    select p.id, 500 + (random() * 4000)::int, s.currency from product p, site s where p.slug like 'guide-%';
    insert into download (product_id) select id from product where slug like 'guide-%';
    insert into download_item (product_id, position, item_kind, title, body)
    select id, 0, 'snippet', 'The first page', 'Go out and look.' from product where slug like 'guide-%';
    insert into customer (email, name, created_at)
    select 'buyer' || n || '@example.com', 'Buyer ' || n, clock_now() - n * interval '20 minutes' from generate_series(1, ${size.customers}) n;`)
  await run(`
    create temp table sale as
    select n, gen_random_uuid() as checkout_id, gen_random_uuid() as order_id, gen_random_uuid() as line_id, gen_random_uuid() as payment_id,
      c.id as customer_id, c.email, c.name, p.product_id, p.price_id, p.title, p.amount_minor, p.currency,
      clock_now() - n * interval '5 minutes' as at
    from generate_series(1, ${size.orders}) n
    join (select id, email, name, row_number() over (order by email) as k from customer where email like 'buyer%') c on c.k = 1 + n % ${size.customers}
    join (select pr.product_id, pr.id as price_id, pd.title, pr.amount_minor, pr.currency, row_number() over (order by pr.id) as k
      from price pr join product pd on pd.id = pr.product_id where pd.slug like 'guide-%') p on p.k = 1 + n % ${size.products};
    analyze sale;
    insert into checkout (id, backend_id, payable, state, email, currency, total_minor, stripe_session_id, expires_at, synced_at, created_at, finished_at)
    select checkout_id, (select min(id) from stripe_backend), 'order', 'paid', email, currency, amount_minor, 'cs_test_bench' || n, at + interval '1 day', at, at, at from sale;
    insert into checkout_line (checkout_id, position, product_id, price_id, kind, title, quantity, unit_minor)
    select checkout_id, 0, product_id, price_id, 'download', title, 1, amount_minor from sale;
    insert into payment (id, checkout_id, backend_id, stripe_payment_intent_id, stripe_charge_id, amount_minor, currency, method, method_detail, paid_at)
    select payment_id, checkout_id, (select min(id) from stripe_backend), 'pi_bench' || n, 'ch_bench' || n, amount_minor, currency, 'card', 'Visa 4242', at from sale;
    insert into shop_order (id, checkout_id, customer_id, email, buyer_name, country, currency, total_minor, mode, placed_at)
    select order_id, checkout_id, customer_id, email, name, 'DE', currency, amount_minor, 'rehearsal', at from sale order by n desc;
    insert into order_line (id, order_id, position, product_id, price_id, kind, title, quantity, unit_minor, total_minor)
    select line_id, order_id, 0, product_id, price_id, 'download', title, 1, amount_minor, amount_minor from sale;
    insert into entitlement (customer_id, benefit, subject_id, source_kind, source_id, starts_at, created_at)
    select customer_id, 'product', product_id, 'order_line', line_id, at, at from sale;
    insert into entitlement_event (entitlement_id, at, state, actor_kind)
    select id, created_at, 'active', 'system' from entitlement;
    insert into payment_effect (kind, key, at) select 'fulfil', checkout_id::text, at from sale;
    insert into email_message (template, entity_key, to_address, subject, content, message_id, state, created_at, sent_at)
    select 'receipt', order_id::text || ':first', email, 'Your receipt', '{"preheader":"","heading":"Thanks","blocks":[],"footnote":""}', '<bench' || n || '@example.com>', 'sent', at, at from sale;`)
  await run(`
    insert into stripe_event (id, backend_id, type, object_type, object_id, group_key, created_at_stripe, source, payload, received_at, state, handled_at, outcome)
    select 'evt_bench' || n, (select min(id) from stripe_backend), 'checkout.session.completed', 'checkout.session', 'cs_test_bench' || n, 'cs_test_bench' || n,
      clock_now() - n * interval '75 seconds', 'webhook', '{}', clock_now() - n * interval '75 seconds', 'done', clock_now(), 'done'
    from generate_series(1, ${size.events}) n;`)
  await run('vacuum (analyze)')
}
