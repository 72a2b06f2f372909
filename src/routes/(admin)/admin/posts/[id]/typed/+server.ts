import { error, json } from '@sveltejs/kit'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { keepTyped } from '#modules/content/server/index.ts'
import { inTransaction, postedForm, textField } from '#modules/platform/server/index.ts'
import { isId } from '#modules/platform/ids.ts'
import { manyLines } from '#modules/platform/plain-text.ts'
import { postedFields } from '../post-form.server.ts'
import type { RequestHandler } from './$types'

const longest = 110_000

/** Keeps what stands typed in the editor and is not saved yet; asked while it is typed. 409: another tab kept something meanwhile. */
export const POST: RequestHandler = async (event) => {
  ownerOnly(event)
  const form = await postedForm(event.request)
  const version = Number(textField(form, 'version'))
  if (!Number.isSafeInteger(version) || version < 0) error(400, 'This form cannot be read.')
  const fields = postedFields(form)
  if (fields.bodyMd.length > longest) error(413, 'This text is too long.')
  const { anyPlan, plans, products, ...words } = fields
  const kept = await inTransaction((tx) =>
    keepTyped(
      tx,
      event.params.id,
      {
        // PostgreSQL takes no NUL in a text.
        ...Object.fromEntries(
          Object.entries(words).map(([name, value]) => [name, manyLines(value)]),
        ),
        anyPlan: anyPlan ? 'yes' : '',
        plans: plans.filter(isId).join(' '),
        products: products.filter(isId).join(' '),
      },
      version,
    ),
  )
  if (kept === undefined) error(409, 'Another tab is writing this post too, or it is gone.')
  return json({ version: kept })
}
