import { serviceForm } from '#modules/booking/service-form.ts'
import { typedTerms } from '#modules/booking/service-typed.ts'
import { setService } from '#modules/booking/server/index.ts'
import { inTransaction, seenMark, textField } from '#modules/platform/server/index.ts'
import type { Actions } from './$types'
import { again, done, gone, read, startEdit, valuesOf } from './editing.server.ts'
import { storedWords } from './service-labels.ts'

/** When a service can be booked, where it takes place and what a change of mind costs. */
export const serviceActions = {
  async service(event) {
    const edit = await startEdit(event)
    const form = read(edit, serviceForm)
    if (!form.ok) return again('service', edit, form.errors)
    const set = await inTransaction((tx) =>
      setService(
        tx,
        edit.owner,
        edit.productId,
        form.values,
        textField(edit.form, 'seen') || undefined,
      ),
    )
    if (set.ok) done(edit, 'service')
    if (set.reason === 'not_found') gone()
    const stored = typedTerms(set.stored)
    const values = valuesOf(edit.form)
    return {
      part: 'service',
      item: '',
      // Once it was shown what is stored by now, the same form may be saved over it.
      values: { ...values, seen: seenMark(stored) },
      errors: {},
      stored: storedWords(stored, values),
    }
  },
} satisfies Actions
