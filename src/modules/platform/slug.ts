/**
 * The address form of a title: "Café & Söhne 2.0" -> "cafe-sohne-2-0". At most 80 characters; otherwise is what comes of a
 * title without any Latin letter or digit.
 */
export function slugOf(title: string, otherwise = 'item'): string {
  const slug = title
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/ß/g, 'ss')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 80)
    .replace(/-+$/, '')
  return slug || otherwise
}
