import { error, fail, redirect } from '@sveltejs/kit'
import type { Actions, PageServerLoad } from './$types'
import { deviceWords } from '#modules/accounts/device-words.ts'
import { readForm } from '#modules/accounts/schemas.ts'
import { customerDetail, ownerOnly } from '#modules/accounts/server/index.ts'
import { ownerProduct } from '#modules/catalog/server/index.ts'
import { networkWords } from '#modules/downloads/network-words.ts'
import { allowanceForm } from '#modules/downloads/schemas.ts'
import {
  accessLog,
  accessLogOfCustomers,
  accessLogOfEntitlement,
  accessLogOfLines,
  accessLogOfProduct,
  allowMoreDownloads,
  damage,
  holding,
} from '#modules/downloads/server/index.ts'
import { isId } from '#modules/platform/ids.ts'
import { turnLinks, turnOf, type Turn } from '#modules/platform/paging.ts'
import {
  checkStorage,
  db,
  inTransaction,
  postedForm,
  storagePlace,
} from '#modules/platform/server/index.ts'

/** What the list is about, by the address: a product, a customer, a purchase, a line of an order, or everything. */
async function scopeOf(query: URLSearchParams, turn: Turn) {
  const asked = (name: string) => {
    const id = query.get(name)
    return id !== null && isId(id) ? id : undefined
  }
  const [product, customer] = [asked('product'), asked('customer')]
  const [purchase, line] = [asked('purchase'), asked('line')]
  if (purchase !== undefined) {
    const held = (await holding(db(), purchase)) ?? gone()
    const title = `${held.productTitle}, bought by ${held.name ?? held.email}`
    return { title, held, page: await accessLogOfEntitlement(db(), purchase, turn) }
  }
  if (product !== undefined) {
    const found = (await ownerProduct(db(), product)) ?? gone()
    return { title: found.title, page: await accessLogOfProduct(db(), product, turn) }
  }
  if (customer !== undefined) {
    const found = (await customerDetail(db(), customer)) ?? gone()
    const ids = [found.id, ...found.sameMember.map((other) => other.id)]
    const title = found.member?.name || found.name || found.email
    return { title, page: await accessLogOfCustomers(db(), ids, turn) }
  }
  if (line !== undefined)
    return { title: 'One line of an order', page: await accessLogOfLines(db(), [line], turn) }
  return { page: await accessLog(db(), turn) }
}

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const query = event.url.searchParams
  const { title, held, page } = { held: undefined, ...(await scopeOf(query, turnOf(query))) }
  return {
    title,
    held,
    entries: page.rows.map(({ network, userAgent, ...entry }) => ({
      ...entry,
      network: networkWords(network),
      device: deviceWords(userAgent),
    })),
    ...turnLinks(event.url, page),
    // The state of the store is told where everything is listed.
    store:
      title === undefined
        ? { place: storagePlace(), check: await checkStorage(), damaged: await damage(db()) }
        : undefined,
    isAllowed: query.has('allowed'),
  }
}

export const actions: Actions = {
  async allow(event) {
    const owner = ownerOnly(event)
    const id = event.url.searchParams.get('purchase') ?? ''
    if (!(await holding(db(), id))) gone()
    const form = readForm(allowanceForm, await postedForm(event.request))
    if (!form.ok)
      return fail(400, { error: form.errors.more ?? 'Type a whole number from 1 to 100.' })
    await inTransaction((tx) => allowMoreDownloads(tx, owner, id, form.values.more))
    redirect(303, `/admin/downloads?purchase=${id}&allowed`)
  },
}

function gone(): never {
  error(404, 'There is no such list of downloads.')
}
