import { ownerOnly } from '#modules/accounts/server/index.ts'
import { serviceKind, serviceOf } from '#modules/booking/server/index.ts'
import { firstTerms, typedTerms } from '#modules/booking/service-typed.ts'
import { bundleContents, bundleKind } from '#modules/bundles/server/index.ts'
import {
  missingToPublish,
  ownerProduct,
  partsOf,
  questionsFor,
  taxRates,
  wordsSeen,
} from '#modules/catalog/server/index.ts'
import {
  contentMarks,
  downloadContents,
  downloadKind,
  downloadLimit,
} from '#modules/downloads/server/index.ts'
import { licenceOffer } from '#modules/licences/server/index.ts'
import { renderMarkdown } from '#modules/platform/markdown.ts'
import { db, runtime, seenMark } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { productKind } from '#boot/server/product-kinds.ts'
import type { Actions, PageServerLoad } from './$types'
import { bundleActions } from './bundle-actions.server.ts'
import { contentActions } from './content-actions.server.ts'
import { gone } from './editing.server.ts'
import { pictureActions } from './picture-actions.server.ts'
import { sellingActions } from './selling-actions.server.ts'
import { serviceActions } from './service-actions.server.ts'
import { stateActions } from './state-actions.server.ts'
import { touchedBy } from './touched.server.ts'
import { wordsActions } from './words-actions.server.ts'

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const product = await ownerProduct(db(), event.params.id)
  if (!product) gone()
  const kind = productKind(product.kind)
  const site = await siteIdentity(db())
  const [
    described,
    missing,
    rates,
    contents,
    limit,
    questions,
    bundle,
    touched,
    licences,
    service,
  ] = await Promise.all([
    kind.describe(db(), [product.id]),
    missingToPublish(db(), product.id, kind, site.currency),
    taxRates(db(), product.id),
    product.kind === downloadKind.kind ? downloadContents(db(), product.id) : undefined,
    downloadLimit(db(), product.id),
    questionsFor(db(), [product.id]),
    product.kind === bundleKind.kind ? bundleOf(product.id) : undefined,
    product.state === 'live' ? touchedBy(product, 'product') : undefined,
    licenceOffer(db(), product.id),
    product.kind === serviceKind.kind ? serviceTerms(product.id) : undefined,
  ])
  return {
    product,
    /** Goes along with the words, so that nobody saves over what they have not seen. */
    wordsSeen: wordsSeen(product),
    kindWord: kind.words.one,
    description: described.get(product.id),
    bodyHtml: renderMarkdown(product.descriptionMd),
    missing,
    rates,
    contents,
    contentMarks: contents ? contentMarks(contents) : {},
    limit,
    questions: questions.get(product.id) ?? [],
    bundle,
    /** Whom it would touch if it left the shop. */
    touched,
    licences,
    service,
    /** What is sold as other products carries nothing of its own. */
    mayCarryLicences: kind.parts === undefined,
    brandColour: site.brandColour,
    origin: runtime().settings.origin,
    /** "part.what": see done() in editing.server.ts. */
    done: event.url.searchParams.get('done') ?? '',
    /** Why an upload without script was refused: see files/+server.ts. */
    upload: {
      problem: event.url.searchParams.get('upload') ?? '',
      item: event.url.searchParams.get('item') ?? '',
      label: event.url.searchParams.get('label')?.slice(0, 30) ?? '',
      changes: event.url.searchParams.get('changes')?.slice(0, 2_000) ?? '',
    },
  }
}

/** What a service asks of the owner's time, and of those who book. */
async function serviceTerms(productId: string) {
  const [service, questions] = await Promise.all([
    serviceOf(db(), productId),
    questionsFor(db(), [productId], 'booking'),
  ])
  const terms = service?.terms ?? firstTerms
  return { terms, seen: seenMark(typedTerms(terms)), questions: questions.get(productId) ?? [] }
}

/** What a bundle holds, with what each costs alone, and what may be put into it. */
async function bundleOf(productId: string) {
  const all = await bundleContents(db(), productId)
  const inside = all.filter((part) => part.position !== undefined)
  const priced = await partsOf(
    db(),
    inside.map((part) => part.id),
  )
  const prices = new Map(priced.map((part) => [part.productId, part.priceMinor]))
  return {
    parts: inside.map(({ id, title, state }) => ({
      id,
      title,
      state,
      priceMinor: prices.get(id) ?? 0,
    })),
    others: all
      .filter((part) => part.position === undefined)
      .map(({ id, title, state }) => ({ id, title, state })),
  }
}

export const actions: Actions = {
  ...wordsActions,
  ...stateActions,
  ...pictureActions,
  ...contentActions,
  ...sellingActions,
  ...bundleActions,
  ...serviceActions,
}
