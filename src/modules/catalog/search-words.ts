const longestQuery = 200
const mostWords = 8

/** The words of what somebody typed into the search field, folded as the index is: no marks, lower case. At most eight. */
export function searchWords(query: string): string[] {
  return (
    query
      .slice(0, longestQuery)
      .normalize('NFKD')
      .replace(/[\u0300-\u036f]/g, '')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu)
      ?.slice(0, mostWords) ?? []
  )
}

/**
 * A tsquery in which all words must occur and the last may be only begun ("note b" finds "notebook" after "note").
 * Words hold letters and digits only, so nothing typed can act as an operator. undefined without words.
 */
export function prefixQuery(words: readonly string[]): string | undefined {
  if (words.length === 0) return undefined
  return words
    .map((word, index) => (index === words.length - 1 ? `'${word}':*` : `'${word}'`))
    .join(' & ')
}

/** A pattern for LIKE that finds the text anywhere, taken literally. */
export function containing(text: string): string {
  // PostgreSQL takes no NUL in a text.
  const plain = text.slice(0, longestQuery).replaceAll('\0', '')
  return `%${plain.replace(/[\\%_]/g, '\\$&')}%`
}
