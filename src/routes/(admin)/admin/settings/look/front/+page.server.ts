import { error, fail, redirect, type RequestEvent } from '@sveltejs/kit'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { newId } from '#modules/platform/ids.ts'
import { inTransaction, postedForm, textField } from '#modules/platform/server/index.ts'
import {
  isAddedKind,
  isGround,
  mostSections,
  withAdded,
  withGround,
  withHidden,
  withMoved,
  withRemoved,
  type FrontSection,
  type SectionsResult,
} from '#modules/site/front-sections.ts'
import { draftSections } from '#modules/site/server/index.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = (event) => {
  ownerOnly(event)
}

const here = '/admin/settings/look/front'

type Change = (sections: readonly FrontSection[], id: string) => SectionsResult

/** One act on the sections of the draft, asked for by a form that names the section. */
async function change(event: RequestEvent, choose: (form: FormData) => Change | string) {
  const owner = ownerOnly(event)
  const form = await postedForm(event.request)
  const act = choose(form)
  if (typeof act === 'string') return fail(400, { problem: act })
  const id = textField(form, 'section').slice(0, 60)
  const done = await inTransaction((tx) =>
    draftSections(tx, owner, (sections) => act(sections, id)),
  )
  if (done.ok) redirect(303, here)
  switch (done.reason) {
    case 'no_such_section':
      return error(404, 'There is no such section on the front page (any more).')
    case 'stays':
      return fail(409, { problem: 'This section stays where it is: the front page needs it.' })
    case 'too_many':
      return fail(409, { problem: `A front page has at most ${mostSections} sections.` })
    case 'changed_meanwhile':
      return fail(409, { problem: 'The look was changed in another tab meanwhile.' })
  }
}

export const actions: Actions = {
  async add(event) {
    const id = newId()
    const owner = ownerOnly(event)
    const kind = textField(await postedForm(event.request), 'kind')
    if (!isAddedKind(kind)) return fail(400, { problem: 'Choose what to add from the list.' })
    const done = await inTransaction((tx) =>
      draftSections(tx, owner, (sections) => withAdded(sections, kind, id)),
    )
    if (!done.ok)
      return fail(409, { problem: `A front page has at most ${mostSections} sections.` })
    redirect(303, `${here}/${id}`)
  },

  move(event) {
    return change(event, (form) => {
      const by = textField(form, 'move')
      return by === 'earlier' || by === 'later'
        ? (sections, id) => withMoved(sections, id, by)
        : 'A section is moved up or down.'
    })
  },

  hide(event) {
    return change(event, () => (sections, id) => withHidden(sections, id, true))
  },

  show(event) {
    return change(event, () => (sections, id) => withHidden(sections, id, false))
  },

  ground(event) {
    return change(event, (form) => {
      const ground = textField(form, 'ground')
      return isGround(ground)
        ? (sections, id) => withGround(sections, id, ground)
        : 'Choose one of the grounds.'
    })
  },

  remove(event) {
    return change(event, () => (sections, id) => withRemoved(sections, id))
  },
}
