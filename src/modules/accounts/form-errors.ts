// Apart from the forms' shapes: pages need these, and would otherwise bring the whole of zod to the browser.

/** Field name -> what to do about it, in the order of the form. */
export type FormErrors = Readonly<Record<string, string>>

/**
 * What stands above a form: what belongs to no field, or everything when it is more than one thing. A single
 * thing wrong is said at its field alone.
 */
export function summaryOf(errors: FormErrors | undefined): FormErrors {
  if (!errors) return {}
  const general = errors['']
  return Object.keys(errors).length > 1 ? errors : general ? { '': general } : {}
}
