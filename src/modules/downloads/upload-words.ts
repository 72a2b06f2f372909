/** Why an uploaded file was not taken. */
export type UploadProblem =
  | 'no_file'
  | 'empty'
  | 'too_large'
  | 'too_many'
  | 'not_found'
  | 'words_too_long'
  | 'malformed'
  | 'store_down'
  | 'other_bytes'

/** What the owner is told. */
export const uploadProblemWords: Readonly<Record<UploadProblem, string>> = {
  no_file: 'Choose a file first.',
  empty: 'The file is empty.',
  too_large: 'The file is larger than 5 GB.',
  too_many: 'There are too many files already. Remove one first.',
  not_found: 'What the file belongs to is not there any more. Reload the page.',
  words_too_long: 'The version’s name or the note on what is new is too long.',
  store_down:
    'The place where files are kept does not answer right now. Nothing was changed; try it again in a minute.',
  other_bytes:
    'This is another file than the one that was damaged. To sell it, add it as a new version.',
  malformed: 'The upload broke off. Try it again; nothing was changed.',
}

/** The words for a problem named in an address; undefined for anything else. */
export function uploadProblem(text: string): string | undefined {
  return Object.hasOwn(uploadProblemWords, text)
    ? // The keys of the record are the very words of the type.
      uploadProblemWords[text as UploadProblem]
    : undefined
}
