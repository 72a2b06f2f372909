import { payOnSandbox } from './hosted-page.ts'
import { expect, test, type Shop } from './shop.ts'
import { fetchFile, isDelivered, pressBuy, says, signInByCode } from './visits.ts'

// M38: what buyers do to a purchase, by haste, by habit or by bad luck. One payment, one order, and it is found again.

async function countsOf(shop: Shop, email: string) {
  const [row] = await shop.query<{ orders: number; receipts: number }>(
    `select (select count(*)::int from shop_order where email = $1) as orders,
       (select count(*)::int from email_message where template = 'receipt' and to_address = $1) as receipts`,
    [email],
  )
  return row
}
const once = { orders: 1, receipts: 1 }

test('M38: the tab is closed right after paying: order, mail and goods appear without it [commerce 2][payments 6]', async ({
  shop,
  stranger,
  mailbox,
}) => {
  const buyer = await stranger()
  await pressBuy(buyer, 'tidemarks')
  // The way back to the shop never happens.
  await buyer.route('**/checkout/**', (route) => route.abort())
  await payOnSandbox(buyer, { email: 'closed-tab@example.com' }).catch(() => undefined)
  await expect.poll(() => countsOf(shop, 'closed-tab@example.com')).toEqual(once)
  await buyer.context().close()

  const receipt = await mailbox.mail('closed-tab@example.com', /receipt/i)
  const later = await stranger()
  await later.goto(receipt.links[0] ?? '')
  await isDelivered(later, 'Tidemarks')
  await fetchFile(later)
})

test('M15: webhook late: the buyer who returns gets the goods at once; the event adds nothing later [commerce 3][payments 4]', async ({
  shop,
  stranger,
}) => {
  await shop.control('POST', 'hold')
  const buyer = await stranger()
  await pressBuy(buyer, 'tidemarks')
  await payOnSandbox(buyer, { email: 'late-hook@example.com' })
  await isDelivered(buyer, 'Tidemarks')
  expect(await countsOf(shop, 'late-hook@example.com')).toEqual(once)
  await shop.control('POST', 'release')
  await eventsAreDone(shop)
  expect(await countsOf(shop, 'late-hook@example.com')).toEqual(once)
})

test('webhook first: the page shows the order that is there already [commerce 4][payments 3]', async ({
  shop,
  stranger,
}) => {
  const buyer = await stranger()
  await pressBuy(buyer, 'tidemarks')
  const checkout = await shop.newestCheckout()
  await buyer.route('**/checkout/**', async (route) => {
    await expect.poll(async () => (await shop.outcome(checkout?.id ?? ''))?.orders).toBe(1)
    await route.continue()
  })
  await payOnSandbox(buyer, { email: 'hook-first@example.com' })
  await isDelivered(buyer, 'Tidemarks')
  const [order] = await shop.query<{ number: string }>(
    'select number::text from shop_order where checkout_id = $1',
    [checkout?.id],
  )
  await expect(buyer.getByRole('heading', { name: `Order ${order?.number}` })).toBeVisible()
  expect(await countsOf(shop, 'hook-first@example.com')).toEqual(once)
})

test('the webhook never comes: the return page delivers, and asking Stripe closes the gap in the books [commerce 9][payments 5]', async ({
  shop,
  stranger,
}) => {
  await shop.control('PUT', 'chaos', { deliveries: { drop: 1 } })
  const buyer = await stranger()
  await pressBuy(buyer, 'tidemarks')
  await payOnSandbox(buyer, { email: 'no-hook@example.com' })
  await isDelivered(buyer, 'Tidemarks')
  const vanished = await stranger()
  await pressBuy(vanished, 'the-brief-sheet')
  await vanished.route('**/checkout/**', (route) => route.abort())
  await payOnSandbox(vanished, { email: 'no-hook-no-tab@example.com' }).catch(() => undefined)
  await shop.advance('6m')
  await expect.poll(() => countsOf(shop, 'no-hook-no-tab@example.com')).toEqual(once)
  await shop.control('PUT', 'chaos', {})
  expect(await countsOf(shop, 'no-hook@example.com')).toEqual(once)
})

test('M16: the same event five times, and once more two days later: one order, one mail, one grant [commerce 5][payments 2]', async ({
  shop,
  stranger,
}) => {
  await shop.control('PUT', 'chaos', { deliveries: { duplicate: 1 } })
  const buyer = await stranger()
  await pressBuy(buyer, 'tidemarks')
  await payOnSandbox(buyer, { email: 'many-hooks@example.com' })
  await isDelivered(buyer, 'Tidemarks')
  await shop.control('PUT', 'chaos', {})
  const [event] = await shop.query<{ id: string }>(
    `select e.id from stripe_event e join checkout c on c.stripe_session_id = e.object_id
     join shop_order o on o.checkout_id = c.id where o.email = 'many-hooks@example.com' limit 1`,
  )
  const again = () => shop.control('POST', `deliveries/${event?.id}/redeliver`)
  await Promise.all([again(), again(), again(), again()])
  await shop.advance('2d')
  await again()
  await eventsAreDone(shop)
  expect(await countsOf(shop, 'many-hooks@example.com')).toEqual(once)
  expect(await shop.brokenInvariants()).toEqual([])
})

test('M38: Buy pressed twice starts one checkout; Pay pressed twice pays once [payments 32]', async ({
  shop,
  stranger,
}) => {
  const [{ before } = { before: 0 }] = await shop.query<{ before: number }>(
    'select count(*)::int as before from checkout',
  )
  const buyer = await stranger()
  await buyer.goto('/p/tidemarks')
  await buyer
    .getByRole('button', { name: /^Buy for/ })
    .first()
    .dblclick()
  await buyer.waitForURL('**/sandbox/c/pay/**')
  const [{ after } = { after: 0 }] = await shop.query<{ after: number }>(
    'select count(*)::int as after from checkout',
  )
  expect(after - before).toBe(1)
  await buyer.getByTestId('email').fill('haste@example.com')
  await buyer.getByTestId('card-number').fill('4242 4242 4242 4242')
  await buyer.getByTestId('card-expiry').fill('12 / 40')
  await buyer.getByTestId('card-cvc').fill('123')
  await buyer.getByTestId('card-name').fill('Ada Winter')
  await buyer.getByTestId('pay').dblclick()
  await isDelivered(buyer, 'Tidemarks')
  expect(await countsOf(shop, 'haste@example.com')).toEqual(once)
})

test('M38: back after paying: the payment page says that it is paid and leads on; nothing is charged twice', async ({
  shop,
  stranger,
}) => {
  const buyer = await stranger()
  await pressBuy(buyer, 'tidemarks')
  const payPage = buyer.url()
  await payOnSandbox(buyer, { email: 'back-button@example.com' })
  await isDelivered(buyer, 'Tidemarks')
  await buyer.goBack()
  await buyer.waitForURL(payPage)
  await says(buyer, 'This order is paid')
  await buyer.getByRole('link', { name: 'Continue to the shop' }).click()
  await isDelivered(buyer, 'Tidemarks')
  await buyer.reload()
  await isDelivered(buyer, 'Tidemarks')
  expect(await countsOf(shop, 'back-button@example.com')).toEqual(once)
})

test('M38: back to the product and Buy again: the same payment page, no second checkout', async ({
  shop,
  stranger,
}) => {
  const buyer = await stranger()
  await pressBuy(buyer, 'tidemarks')
  const first = buyer.url()
  await buyer.goBack()
  await buyer
    .getByRole('button', { name: /^Buy for/ })
    .first()
    .click()
  await buyer.waitForURL('**/sandbox/c/pay/**')
  expect(buyer.url()).toBe(first)
  await payOnSandbox(buyer, { email: 'to-and-fro@example.com' })
  await isDelivered(buyer, 'Tidemarks')
  expect(await countsOf(shop, 'to-and-fro@example.com')).toEqual(once)
})

test('M38: offline on the way back: it is all there when the line is', async ({
  shop,
  stranger,
  mailbox,
}) => {
  const buyer = await stranger()
  await signInByCode(buyer, mailbox, 'offline@example.com')
  await pressBuy(buyer, 'tidemarks')
  await buyer.route('**/checkout/**', (route) => route.abort('internetdisconnected'))
  await payOnSandbox(buyer, {}).catch(() => undefined)
  await expect.poll(() => countsOf(shop, 'offline@example.com')).toEqual(once)
  await buyer.unroute('**/checkout/**')
  await buyer.goto('/dashboard')
  await expect(buyer.getByRole('heading', { name: 'Tidemarks' })).toBeVisible()
})

test('one product, two tabs of a member: both show the same payment page, paid once; the other tab says so [commerce 20]', async ({
  shop,
  stranger,
  mailbox,
}) => {
  const buyer = await stranger()
  await signInByCode(buyer, mailbox, 'two-tabs@example.com')
  await pressBuy(buyer, 'tidemarks')
  const payPage = buyer.url()
  const second = await buyer.context().newPage()
  await pressBuy(second, 'tidemarks')
  // The open checkout is used again, so there is one thing to pay in both tabs.
  expect(second.url()).toBe(payPage)
  await payOnSandbox(buyer, {})
  await isDelivered(buyer, 'Tidemarks')
  await second.reload()
  await says(second, 'This order is paid')
  expect(await countsOf(shop, 'two-tabs@example.com')).toEqual(once)
})

test('M10: Stripe away: the buyer is told within seconds that nothing was charged, pages go on, and it works again afterwards', async ({
  shop,
  stranger,
}) => {
  await shop.control('PUT', 'chaos', { api: { error_before: 1 } })
  const buyer = await stranger()
  await buyer.goto('/p/tidemarks')
  // The answer is a 503, which the watch over problems would count against the page.
  const answer = await buyer.request.post('/buy', {
    headers: { origin: shop.origin },
    form: await offerOf(shop, 'tidemarks'),
    maxRedirects: 0,
  })
  expect(answer.status()).toBe(503)
  expect(await answer.text()).toContain('Nothing was charged')
  await buyer.goto('/')
  await says(buyer, 'Low Tide Studio')
  await shop.control('PUT', 'chaos', {})
  await pressBuy(buyer, 'tidemarks')
  await payOnSandbox(buyer, { email: 'stripe-back@example.com' })
  await isDelivered(buyer, 'Tidemarks')
})

async function offerOf(shop: Shop, slug: string): Promise<{ product: string; price: string }> {
  const [row] = await shop.query<{ product: string; price: string }>(
    `select product.id as product, price.id as price from product join price on price.product_id = product.id
     where slug = $1 and is_active`,
    [slug],
  )
  if (!row) throw new Error(`${slug} is not for sale.`)
  return row
}

async function eventsAreDone(shop: Shop): Promise<void> {
  await expect
    .poll(async () => {
      const [row] = await shop.query<{ waiting: number }>(
        `select count(*)::int as waiting from stripe_event where state = 'pending'`,
      )
      return row?.waiting
    })
    .toBe(0)
}
