/** Fields that hold a text with a cursor in it. */
const written =
  'textarea, input:not([type=hidden], [type=file], [type=checkbox], [type=radio], [type=submit], [type=button])'

/**
 * The page's script takes the texts that the server wrote into fields out of the markup and sets them again. Where nobody has typed
 * yet, that would move the cursor to the end and drop what is selected, under the hands of whoever began before the script came. A
 * field that was set once counts as typed: taking its text out of the markup then changes nothing in it.
 */
export const init = (): void => {
  for (const field of document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>(written)) {
    // Set to what it holds: the same text leaves cursor and selection where they are.
    const { value } = field
    field.value = value
  }
}
