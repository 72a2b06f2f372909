import type { LineItem } from './objects/line-item.ts'
import type { Price } from './objects/price.ts'
import type { Params } from './params.ts'
import type { Work } from './work.ts'
import { invalidRequest, notInSandbox } from '../api-error.ts'
import { currencyOf } from './currencies.ts'
import { inlinePrice, livePrice } from './price.ts'

const MAX_LINES = 100

/**
 * Reads `line_items` of a checkout; every line must be in one currency.
 * @param isTrial what is paid again and again costs nothing yet
 */
export async function lineItemsOf(
  work: Work,
  params: Params,
  mode: 'payment' | 'subscription',
  isTrial: boolean,
): Promise<readonly LineItem[]> {
  const given = params.groups('line_items') ?? []
  if (given.length === 0)
    throw invalidRequest('Missing required param: line_items.', {
      code: 'parameter_missing',
      param: 'line_items',
    })
  if (given.length > MAX_LINES)
    throw invalidRequest(`A Checkout Session takes at most ${MAX_LINES} line items.`, {
      param: 'line_items',
    })
  const lines: LineItem[] = []
  for (const line of given) lines.push(await lineItemOf(work, line, mode, isTrial))
  const recurring = lines.flatMap(({ price }) => (price.recurring === null ? [] : [price]))
  const [first] = recurring
  if (mode === 'subscription') {
    if (first === undefined)
      throw invalidRequest(
        'You must provide at least one recurring price in `subscription` mode when using prices.',
        { param: 'line_items' },
      )
    const isMixed = recurring.some(
      ({ recurring: other }) =>
        other?.interval !== first.recurring?.interval ||
        other?.interval_count !== first.recurring?.interval_count,
    )
    if (isMixed)
      throw notInSandbox(
        'A subscription whose items are billed in different intervals',
        'line_items',
      )
    if (new Set(recurring.map(({ id }) => id)).size < recurring.length)
      throw invalidRequest('Each recurring price can be on one line only.', { param: 'line_items' })
  }
  const wanted = params.text('currency')
  const currency = wanted === undefined ? lines[0]?.currency : currencyOf(wanted, 'currency')
  for (const [at, line] of lines.entries())
    if (line.currency !== currency)
      throw invalidRequest(
        `The price specified only supports \`${line.currency}\`. This doesn't match the expected currency: \`${currency}\`.`,
        { param: `line_items[${at}][price]` },
      )
  return lines
}

async function lineItemOf(
  work: Work,
  line: Params,
  mode: 'payment' | 'subscription',
  isTrial: boolean,
): Promise<LineItem> {
  if (line.group('adjustable_quantity')?.flag('enabled') === true)
    throw notInSandbox('A quantity the buyer can adjust', line.path('adjustable_quantity'))
  if (line.has('tax_rates')) throw notInSandbox('`tax_rates` of a line', line.path('tax_rates'))
  const price = await priceOf(work, line, mode)
  const quantity = line.integer('quantity')
  if (quantity === undefined)
    throw invalidRequest(
      `Quantity is required. Add \`quantity\` to \`${line.path('quantity').replace('[quantity]', '')}\``,
      { param: line.path('quantity'), code: 'parameter_missing' },
    )
  if (quantity < 1 || quantity > 999_999)
    throw invalidRequest('The quantity of a line is from 1 to 999999.', {
      param: line.path('quantity'),
    })
  const product = await work.get('product', price.product)
  const amount = isTrial && price.recurring !== null ? 0 : lineAmount(price, quantity)
  return {
    id: work.id('li'),
    object: 'item',
    adjustable_quantity: null,
    amount_discount: 0,
    amount_subtotal: amount,
    amount_tax: 0,
    amount_total: amount,
    currency: price.currency,
    description: product === undefined || 'deleted' in product ? price.product : product.name,
    metadata: line.metadata(),
    price,
    quantity,
  }
}

async function priceOf(work: Work, line: Params, mode: 'payment' | 'subscription'): Promise<Price> {
  const id = line.text('price')
  const data = line.group('price_data')
  if ((id === undefined) === (data === undefined))
    throw invalidRequest(
      id === undefined
        ? 'You must specify either `price` or `price_data` for each line item.'
        : 'You may only specify one of these parameters: price, price_data.',
      { param: line.path('price') },
    )
  const price =
    data === undefined
      ? await activePrice(work, id ?? '', line.path('price'))
      : await inlinePrice(work, data)
  if (price.recurring !== null && mode === 'payment')
    throw invalidRequest(
      'You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.',
      { param: line.path(data === undefined ? 'price' : 'price_data') },
    )
  return price
}

/** The price a parameter names, if it can be bought: it and its product are active. */
export async function activePrice(work: Work, id: string, param: string): Promise<Price> {
  const price = await livePrice(work, id, param)
  if (!price.active)
    throw invalidRequest(
      'The price specified is inactive. This field only accepts active prices.',
      {
        param,
      },
    )
  const product = await work.get('product', price.product)
  if (product === undefined || 'deleted' in product || !product.active)
    throw invalidRequest(
      `The price specified belongs to an inactive product. This field only accepts prices of active products.`,
      { param },
    )
  return price
}

/** Minor units of a line. Fractions of a unit price are rounded once, on the line. */
export function lineAmount(price: Price, quantity: number): number {
  if (price.unit_amount !== null) return price.unit_amount * quantity
  const [whole = '0', fraction = ''] = price.unit_amount_decimal.split('.')
  const scaled = BigInt(whole + fraction) * BigInt(quantity)
  const unit = 10n ** BigInt(fraction.length)
  return Number((scaled * 2n + unit) / (unit * 2n))
}
