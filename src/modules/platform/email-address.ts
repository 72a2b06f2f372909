/**
 * The one form in which an address is stored and compared: NFKC, no surrounding space, lower case, its domain in the letters
 * of the domain name system (browsers send "bücher.example" as "xn--bcher-kva.example", payment pages as it was typed).
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
  const domain = asciiDomain(match[2])
  const labels = domain?.split('.') ?? []
  if (
    labels.length < 2 ||
    !labels.every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label))
  )
    return undefined
  const form = `${match[1]}@${domain}`
  return form.length > 254 ? undefined : form
}

/**
 * The mailbox behind an address: what is the same for one person's "me+shop@", "me+2@" and, where the provider ignores them,
 * "m.e@". For counting alone; mail goes to the address as it is. email: in its canonical form.
 */
export function mailboxOf(email: string): string {
  const at = email.lastIndexOf('@')
  const domain = email.slice(at + 1)
  const bare = email.slice(0, at).replace(/\+.*$/, '') || email.slice(0, at)
  return /^(?:gmail|googlemail)\.com$/.test(domain)
    ? `${bare.replaceAll('.', '') || bare}@gmail.com`
    : `${bare}@${domain}`
}

/** As the address of a web page would be sent (UTS 46); undefined when it could be none. */
function asciiDomain(domain: string): string | undefined {
  if (/^[a-z0-9.-]*$/.test(domain)) return domain
  // Letters, digits and what joins them alone: a port or a path would be read as such.
  if (!/^[\p{L}\p{M}\p{N}.-]+$/u.test(domain)) return undefined
  return URL.parse(`http://${domain}`)?.hostname
}
