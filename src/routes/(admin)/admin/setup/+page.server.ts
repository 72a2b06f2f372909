import { fail, redirect } from '@sveltejs/kit'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { ownerProduct } from '#modules/catalog/server/index.ts'
import { newId } from '#modules/platform/ids.ts'
import { db, inTransaction, postedForm, textField } from '#modules/platform/server/index.ts'
import { wizardSteps, type WizardStep } from '#modules/setup/types.ts'
import {
  examplesPreview,
  noteStep,
  putChecklistAway,
  setupOverview,
} from '#modules/setup/server/index.ts'
import { lookInput, siteInput } from '#modules/site/schemas.ts'
import { editLook, editSite, siteIdentity } from '#modules/site/server/index.ts'
import { fieldErrors } from '../settings/form-errors.ts'
import type { Actions, PageServerLoad } from './$types'
import { productProblems, typedProduct } from './product/first-product.ts'

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const [overview, site] = await Promise.all([setupOverview(db()), siteIdentity(db())])
  const asked = stepNamed(event.url.searchParams.get('step'))
  const open = wizardSteps.find(
    (step) =>
      !overview.skipped.includes(step) &&
      !overview.items.some((item) => item.name === step && item.isDone),
  )
  const query = event.url.searchParams
  const typed = typedProduct((name) => query.get(name) ?? '')
  const upload = query.get('upload') ?? ''
  const made = await ownerProduct(db(), query.get('made') ?? '')
  return {
    /** The first product: what was typed and what is wrong with it, when it came back; and the one that was just made. */
    product: {
      /** What the form makes: sent twice, it is made once. */
      id: newId(),
      typed,
      errors: query.has('asked')
        ? productProblems(typed, { hasFile: upload !== '', upload }, site)
        : {},
      /** A file that was chosen has to be chosen again: browsers do not give it back. */
      isFileLost: upload !== '',
    },
    made: made?.state === 'live' ? { id: made.id, title: made.title, slug: made.slug } : undefined,
    currency: site.currency,
    examples: await examplesPreview(db()),
    overview,
    steps: wizardSteps.map((name) => ({
      name,
      isDone: overview.items.some((item) => item.name === name && item.isDone),
      isSkipped: overview.skipped.includes(name),
    })),
    step: asked ?? open,
    site: {
      name: site.name,
      sentence: site.sentence,
      brandColour: site.brandColour,
      paper: site.paper,
      look: site.look,
      density: site.density,
      head: site.head,
    },
  }
}

function stepNamed(text: string | null): WizardStep | undefined {
  return wizardSteps.find((step) => step === text)
}

export const actions: Actions = {
  async shop(event) {
    const owner = ownerOnly(event)
    const form = await postedForm(event.request)
    const values = {
      name: textField(form, 'name'),
      sentence: textField(form, 'sentence'),
      brandColour: textField(form, 'brandColour'),
      look: textField(form, 'look'),
    }
    const site = await siteIdentity(db())
    const words = siteInput.safeParse({
      ...site,
      contactEmail: site.contactEmail ?? '',
      name: values.name,
      sentence: values.sentence,
    })
    const look = lookInput.safeParse({
      brandColour: values.brandColour,
      paper: site.paper,
      look: values.look,
      density: site.density,
      head: site.head,
      fonts: site.fonts,
      roundness: site.roundness,
      hero: site.hero,
    })
    if (!words.success || !look.success)
      return fail(400, {
        values,
        errors: {
          ...(words.success ? {} : fieldErrors(words.error)),
          ...(look.success ? {} : fieldErrors(look.error)),
        },
      })
    await inTransaction(async (tx) => {
      await editSite(tx, owner, words.data)
      await editLook(tx, owner, look.data)
      await noteStep(tx, 'shop', 'done')
    })
    redirect(303, '/admin/setup')
  },

  async later(event) {
    ownerOnly(event)
    const step = stepNamed(textField(await postedForm(event.request), 'step'))
    if (!step) return fail(400, { errors: { step: 'This is no step of the set-up.' } })
    await inTransaction((tx) => noteStep(tx, step, 'skipped'))
    redirect(303, '/admin/setup')
  },

  async close(event) {
    const owner = ownerOnly(event)
    await inTransaction((tx) => putChecklistAway(tx, owner))
    redirect(303, '/admin/orders')
  },
}
