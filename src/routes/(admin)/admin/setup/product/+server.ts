import { redirect } from '@sveltejs/kit'
import { ownerOnly, requireFreshProof } from '#modules/accounts/server/index.ts'
import type { OwnerActor } from '#modules/accounts/types.ts'
import {
  createProduct,
  ownerProduct,
  publishProduct,
  setPrice,
} from '#modules/catalog/server/index.ts'
import { linkForm } from '#modules/downloads/schemas.ts'
import {
  addFile,
  addItem,
  discardFile,
  downloadKind,
  MalformedUploadError,
  readUpload,
  receiveFile,
} from '#modules/downloads/server/index.ts'
import { contentLimits } from '#modules/downloads/types.ts'
import { isId, newId } from '#modules/platform/ids.ts'
import { oneLine } from '#modules/platform/plain-text.ts'
import { db, inTransaction, log, StorageUnavailableError } from '#modules/platform/server/index.ts'
import { noteStep } from '#modules/setup/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { productProblems, typedProduct, type FirstProduct } from './first-product.ts'
import type { RequestHandler } from './$types'

/** What a form around a file adds to it: four short fields and the lines between. */
const formBytes = 1_000_000

/**
 * Makes the owner's first product and puts it into the shop: words, price, what buyers get; all or nothing. The file is streamed
 * to the storage and never held, so it may be as large as on the product's own page. The form names the product it makes: sent
 * twice, it is made once.
 */
export const POST: RequestHandler = async (event) => {
  const owner = ownerOnly(event)
  const { request } = event
  let typed = typedProduct(() => '')
  if (Number(request.headers.get('content-length')) > contentLimits.fileBytes + formBytes)
    again(typed, 'too_large')
  if (!request.body) again(typed, 'malformed')
  try {
    const upload = await readUpload(request.headers.get('content-type'), request.body)
    typed = typedProduct((name) => upload.fields.get(name) ?? '')
    const money = await siteIdentity(db())
    const hasFile = upload.fileName !== ''
    if (Object.keys(productProblems(typed, { hasFile, upload: '' }, money)).length > 0)
      again(typed, hasFile ? 'choose' : '')
    // Before the file is taken in: the form comes back with what was typed, and the file is chosen again.
    const url = new URL(backTo(typed, hasFile ? 'choose' : ''), event.url)
    await requireFreshProof({ locals: event.locals, url }, 'price')
    const received = hasFile ? await receiveFile(upload.source, upload.fileName) : undefined
    if (received && !received.ok) again(typed, received.reason)
    const named = upload.fields.get('product') ?? ''
    const id = isId(named) ? named : newId()
    let isMade = false
    try {
      isMade = await inTransaction((tx) =>
        make(tx, owner, id, typed, received?.file, money.currency),
      )
    } finally {
      if (received && !isMade) await discardFile(received.file)
    }
    redirect(303, `/admin/setup?made=${id}`)
  } catch (failure) {
    if (failure instanceof MalformedUploadError) again(typed, 'malformed')
    if (failure instanceof StorageUnavailableError) {
      log.error({ reason: failure.reason }, failure.message)
      again(typed, 'store_down')
    }
    throw failure
  }
}

/** Where signing in leads back to, when the session had ended meanwhile. */
export const GET: RequestHandler = (event) => {
  ownerOnly(event)
  redirect(303, '/admin/setup?step=product')
}

type Tx = Parameters<typeof createProduct>[0]

/**
 * Everything was looked at before, so a refusal here is a broken assumption: it throws, and nothing was made. false: the product
 * is there already, because the form was sent twice.
 */
async function make(
  tx: Tx,
  owner: OwnerActor,
  id: string,
  typed: FirstProduct,
  file: Parameters<typeof addFile>[3] | undefined,
  currency: string,
): Promise<boolean> {
  // First of all: of two at once the second waits here until the first is done.
  await noteStep(tx, 'product', 'done')
  if (await ownerProduct(tx, id)) return false
  const title = oneLine(typed.title)
  await createProduct(tx, owner, {
    id,
    kind: downloadKind.kind,
    title,
    summary: oneLine(typed.summary),
  })
  if (file) {
    const added = await addFile(tx, owner, id, file, {})
    if (!added.ok) throw new Error(`The first file was refused: ${added.reason}`)
  }
  if (typed.url.trim() !== '') {
    const link = linkForm.parse({ title, note: '', url: typed.url })
    const added = await addItem(tx, owner, id, { kind: 'link', ...link })
    if (!added.ok) throw new Error(`The first link was refused: ${added.reason}`)
  }
  const price = await setPrice(
    tx,
    owner,
    id,
    { amount: typed.amount, isOpen: false, suggested: '' },
    currency,
  )
  if (!price.ok) throw new Error(`The first price was refused: ${price.reason}`)
  const published = await publishProduct(tx, owner, id, downloadKind, currency)
  if (!published.ok) throw new Error(`The first product cannot go live: ${published.reason}`)
  return true
}

/** Back to the form with what was typed; the page finds out anew what is wrong with it. */
function again(typed: FirstProduct, upload: string): never {
  redirect(303, `${backTo(typed, upload)}#step`)
}

function backTo(typed: FirstProduct, upload: string): string {
  const query = new URLSearchParams({ step: 'product', asked: '1', upload })
  for (const [name, value] of Object.entries(typed)) if (value !== '') query.set(name, value)
  return `/admin/setup?${query}`
}
