/**
 * The one form in which an address is stored and compared: NFKC, no surrounding space, lower case.
 * Returns undefined when the text cannot be an address that mail could reach. Tags (+x) and dots are kept: they are the person's own.
 */
export function canonicalEmail(text: string): string | undefined {
  const address = deliverableEmail(text)
  const local = address?.slice(0, address.lastIndexOf('@'))
  return local === undefined || local.startsWith('.') || local.endsWith('.') || local.includes('..')
    ? undefined
    : address
}

/**
 * The same form for an address that somebody else has already accepted (a buyer paid with it): dots may stand anywhere before
 * the @, as in addresses that some phone companies gave out.
 */
export function deliverableEmail(text: string): string | undefined {
  const address = text.normalize('NFKC').trim().toLowerCase()
  if (address.length > 254) return undefined
  const match = /^([^\s@<>()[\]\\,;:"\p{Cc}\p{Cf}]{1,64})@([^\s@\p{Cc}\p{Cf}]+)$/u.exec(address)
  if (!match?.[1] || !match[2]) return undefined
  const labels = match[2].split('.')
  if (
    labels.length < 2 ||
    !labels.every((label) => /^[\p{L}\p{N}]([\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?$/u.test(label))
  )
    return undefined
  return address
}
