import { z } from 'zod'
import { canonicalEmail } from '#modules/platform/email-address.ts'
import { lineField, oneLine } from '#modules/platform/plain-text.ts'
import type { FormErrors } from './form-errors.ts'
import { readCode } from './one-time-code.ts'
import { passwordFault, passwordFaultWords } from './password-rules.ts'

// What the forms of accounts hold. Each refusal says what to do; nothing longer than needed is looked at.

const email = z
  .string('Please enter your e-mail address.')
  .max(1_000, 'This address is too long.')
  .transform((text, context) => {
    const address = canonicalEmail(text)
    if (address !== undefined) return address
    context.addIssue(
      text.trim() === ''
        ? 'Please enter your e-mail address.'
        : 'This does not look like an e-mail address. Is there a letter missing?',
    )
    return z.NEVER
  })

const code = z.string('Please enter the six digits from the mail.').transform((text, context) => {
  const digits = readCode(text)
  if (digits !== undefined) return digits
  context.addIssue('The code has six digits. You find it in the mail.')
  return z.NEVER
})

/** Printable, on one line. */
const name = z
  .string('Please enter your name.')
  .max(1_000, 'Please shorten this to 120 characters.')
  .transform(oneLine)
  .refine((text) => text.length <= 120, 'Please shorten this to 120 characters.')

/** As it was typed; right or wrong is found out by comparing. */
const presentPassword = z.string().max(1_000).default('')

const next = z.string().max(2_000).optional()

export const codeRequestForm = z.object({ email, next })
export const passwordSignInForm = z.object({
  email,
  password: z
    .string('Please enter your password.')
    .min(1, 'Please enter your password.')
    .max(1_000, 'This password is too long.'),
  next,
})
export const codeForm = z.object({ code })
export const nameForm = z.object({ name })
/** Both may be left empty. */
export const welcomeForm = z.object({
  name,
  newPassword: z.string().max(1_000, passwordFaultWords.too_long).default(''),
})
export const emailChangeForm = z.object({ email, password: presentPassword })
export const passwordChangeForm = z.object({
  password: presentPassword,
  newPassword: z.string('Please choose a password.').max(1_000, passwordFaultWords.too_long),
})
export const recoveryForm = z.object({
  newPassword: z.string('Please choose a password.').max(1_000, passwordFaultWords.too_long),
})
export const passkeyNameForm = z.object({
  name: lineField(60).refine((text) => text !== '', 'Give it a name, so that you know it again.'),
})
export const ownerForm = z
  .object({
    name: name.refine((text) => text !== '', 'Please enter your name.'),
    email,
    password: z
      .string('Please choose a password.')
      .superRefine((password, context) => refusePassword(password, '', context)),
  })
  .superRefine((owner, context) => refusePassword(owner.password, owner.email, context))

function refusePassword(password: string, email: string, context: z.RefinementCtx): void {
  const fault = passwordFault(password, email)
  if (fault)
    context.addIssue({
      code: 'custom',
      path: email === '' ? [] : ['password'],
      message: passwordFaultWords[fault],
    })
}

/**
 * Reads a form by its shape. Files and repeated names are not text of ours: they count as missing.
 * Returns the parsed values or the first thing wrong with each field.
 */
export function readForm<Shape extends z.ZodType>(
  shape: Shape,
  form: FormData,
):
  | { readonly ok: true; readonly values: z.output<Shape> }
  | { readonly ok: false; readonly errors: FormErrors } {
  const texts: Record<string, string> = {}
  for (const field of new Set(form.keys())) {
    const [value, second] = form.getAll(field)
    if (typeof value === 'string' && second === undefined) texts[field] = value
  }
  const parsed = shape.safeParse(texts)
  if (parsed.success) return { ok: true, values: parsed.data }
  const errors: Record<string, string> = {}
  for (const issue of parsed.error.issues) errors[String(issue.path[0] ?? '')] ??= issue.message
  return { ok: false, errors }
}

/** What was typed, to stand in the form again: never a password, never endless. */
export function typed(form: FormData, field: string): string {
  const value = form.get(field)
  return typeof value === 'string' ? value.slice(0, 1_000) : ''
}
