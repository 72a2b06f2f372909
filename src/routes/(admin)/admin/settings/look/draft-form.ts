/** What a form of the draft says where another tab was faster. */
export const changedMeanwhile =
  'The look was changed in another tab meanwhile. What you see beside this form is how it is now: choose again.'

/** The draft's version that a form was filled in on. undefined: it did not say; -1, which no draft has: it is no number. */
export function versionSeen(text: string): number | undefined {
  if (text === '') return undefined
  return /^\d{1,15}$/.test(text) ? Number(text) : -1
}
