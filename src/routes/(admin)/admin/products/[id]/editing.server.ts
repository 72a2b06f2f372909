import { error, fail, redirect, type RequestEvent } from '@sveltejs/kit'
import type { z } from 'zod'
import type { ProofFor } from '#modules/accounts/fresh-proof-rules.ts'
import { readForm } from '#modules/accounts/schemas.ts'
import { ownerOnly, provenForm } from '#modules/accounts/server/index.ts'
import type { OwnerActor } from '#modules/accounts/types.ts'
import { isId } from '#modules/platform/ids.ts'
import { postedForm } from '#modules/platform/server/index.ts'

/** The part of the editor a form belongs to: where its errors and its "saved" stand. */
export type EditorPart =
  | 'words'
  | 'price'
  | 'pictures'
  | 'contents'
  | 'parts'
  | 'selling'
  | 'service'
  | 'intake'
  | 'licences'
  | 'taxes'
  | 'state'

/** What every action of the editor starts with: who asks, which product, what was posted. */
export interface Edit {
  readonly owner: OwnerActor
  readonly productId: string
  readonly form: FormData
}

type Event = RequestEvent<{ id: string }>

/** needs: what wants a fresh proof of the owner first (accounts/server/fresh-proof.ts). */
export async function startEdit(event: Event, needs?: ProofFor): Promise<Edit> {
  const owner = ownerOnly(event)
  if (!isId(event.params.id)) gone()
  const form = needs ? (await provenForm(event, needs)).form : await postedForm(event.request)
  return { owner, productId: event.params.id, form }
}

/** What was typed, to stand there again. */
export function valuesOf(form: FormData): Record<string, string> {
  return Object.fromEntries(
    [...form].flatMap(([field, value]) =>
      typeof value === 'string' ? [[field, value.slice(0, 110_000)] as const] : [],
    ),
  )
}

/** The form again, with what was typed and what to do about it. item: the one of several equal forms it was. */
export function again(
  part: EditorPart,
  edit: Edit,
  errors: Readonly<Record<string, string>>,
  item = '',
  status = 400,
) {
  return fail(status, { part, item, values: valuesOf(edit.form), errors })
}

/** Back to the part of the page, which says what was done. */
export function done(edit: Edit, part: EditorPart, what = 'saved'): never {
  redirect(303, `/admin/products/${edit.productId}?done=${part}.${what}#${part}`)
}

/** The product, or the thing in it, is not there (any more): another tab was faster. */
export function gone(): never {
  error(404, 'There is no such product or part of one (any more).')
}

/** Reads the posted form by its shape, or answers with the form again. */
export function read<Shape extends z.ZodType>(edit: Edit, shape: Shape) {
  return readForm(shape, edit.form)
}
