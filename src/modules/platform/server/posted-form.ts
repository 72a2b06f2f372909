import { error } from '@sveltejs/kit'

/** The fields of a posted form. Throws Kit's 400 for a body that is none, cut off or of another kind. */
export async function postedForm(request: Request): Promise<FormData> {
  try {
    return await request.formData()
  } catch {
    error(400, 'This form cannot be read.')
  }
}
