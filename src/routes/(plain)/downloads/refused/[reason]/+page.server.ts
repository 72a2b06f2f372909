import { error } from '@sveltejs/kit'
import type { PageServerLoad } from './$types'
import { isRefusal, refusalWords } from '#modules/downloads/refusal-words.ts'

/** Why a file was not handed out, as a page; the download's own address answers with it. */
export const load: PageServerLoad = ({ params, locals }) => {
  if (!isRefusal(params.reason)) error(404, 'There is no page here.')
  const { title, text, offersSignIn } = refusalWords(params.reason)
  return {
    title,
    text,
    offersSignIn: offersSignIn && !locals.actor,
    isSignedIn: locals.actor !== undefined,
  }
}
