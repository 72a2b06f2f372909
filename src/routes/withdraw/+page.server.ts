import { error, fail } from '@sveltejs/kit'
import { z } from 'zod'
import type { Actions, PageServerLoad } from './$types'
import { networkOf } from '#modules/accounts/network.ts'
import { tooMany } from '#modules/accounts/too-many.ts'
import { receiveWithdrawal } from '#modules/orders/server/index.ts'
import { isId, newId } from '#modules/platform/ids.ts'
import { canonicalEmail } from '#modules/platform/email-address.ts'
import { lineField, linesField } from '#modules/platform/plain-text.ts'
import {
  db,
  inTransaction,
  postedForm,
  textField,
  useLimit,
} from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'

/** It sends mail to an address that was typed: a person declares this once or twice. */
const limit = { name: 'withdrawal', most: 6, windowSeconds: 3600 } as const

const declaration = z.object({
  name: lineField(200).refine((text) => text !== '', 'Type your name.'),
  email: z
    .string()
    .max(300, 'This does not look like an e-mail address.')
    .default('')
    .transform((text, context) => {
      const address = canonicalEmail(text)
      if (address) return address
      context.addIssue('Type the e-mail address you bought with.')
      return z.NEVER
    }),
  order: lineField(60),
  words: linesField(2_000),
})

/** Withdrawing from a contract, without an account: first what, then "confirm". */
export const load: PageServerLoad = async () => {
  if (!(await siteIdentity(db())).offersWithdrawal) error(404, 'There is no page here.')
  return {}
}

export const actions: Actions = {
  async default(event) {
    if (!(await siteIdentity(db())).offersWithdrawal) error(404, 'There is no page here.')
    const form = await postedForm(event.request)
    const values = {
      name: textField(form, 'name').slice(0, 1_000),
      email: textField(form, 'email').slice(0, 1_000),
      order: textField(form, 'order').slice(0, 1_000),
      words: textField(form, 'words').slice(0, 6_000),
    }
    const step = (
      status: number,
      more: { errors?: Readonly<Record<string, string>>; isChecked?: boolean },
    ) =>
      fail(status, {
        values,
        errors: more.errors ?? {},
        isChecked: false,
        declaration: undefined,
        receivedAt: undefined,
      })
    const read = declaration.safeParse(values)
    if (!read.success) {
      const errors: Record<string, string> = {}
      for (const issue of read.error.issues) errors[String(issue.path[0] ?? '')] ??= issue.message
      return step(400, { errors })
    }
    if (textField(form, 'step') !== 'confirm')
      return { values, errors: {}, isChecked: true, declaration: newId(), receivedAt: undefined }
    const typedId = textField(form, 'declaration')
    const id = isId(typedId) ? typedId : newId()
    const used = await useLimit(limit, networkOf(event.locals.network))
    if (!used.ok)
      return step(429, {
        errors: { '': tooMany(event, 'Several withdrawals were sent', used.retryAfterSeconds) },
      })
    const received = await inTransaction((tx) =>
      receiveWithdrawal(tx, { id, ...read.data }, event.locals.network),
    )
    return {
      values,
      errors: {},
      isChecked: true,
      declaration: id,
      receivedAt: received.receivedAt,
    }
  },
}
