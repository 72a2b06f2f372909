import { error } from '@sveltejs/kit'

/** The fields of a posted form. Throws Kit's 400 for a body that is none, cut off or of another kind. */
export async function postedForm(request: Request): Promise<FormData> {
  try {
    return await request.formData()
  } catch {
    error(400, 'This form cannot be read.')
  }
}

/** One field as text; '' when it is missing or a file was put where a text belongs. */
export function textField(form: FormData, name: string): string {
  const value = form.get(name)
  return typeof value === 'string' ? value : ''
}
