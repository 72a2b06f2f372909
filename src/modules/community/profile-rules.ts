import { slugOf } from '#modules/platform/slug.ts'

/** In characters. */
export const longestName = 60
export const longestAbout = 600

/** What stands beside the comments of somebody who left. */
export const formerMember = 'Former member'

const plain = (text: string) =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '')

/**
 * What is wrong with a name, in words; undefined: nothing. A name is no advertisement and nobody else's: neither the shop's, nor its
 * owner's, nor that of those who left. taken: names of the shop and its owner. name: on one line.
 */
export function nameFault(name: string, taken: readonly string[]): string | undefined {
  if (!/\p{L}/u.test(name)) return 'Tell us a name that stands beside what you write.'
  if (name.length > longestName) return `Please shorten this to ${longestName} characters.`
  if (/https?:|www\.|@|\.(?:com|net|org|io|shop|info)\b/i.test(name))
    return 'A name has no address in it.'
  const own = plain(name)
  if ([formerMember, ...taken].some((other) => plain(other) === own))
    return 'This name is somebody else’s here. Please choose another.'
  return undefined
}

/** The address form of a person: of the name, with something random that keeps two of the same name apart. */
export function handleOf(name: string, random: string): string {
  return `${slugOf(name, 'reader').slice(0, 45).replace(/-+$/, '')}-${random.replace(/[^a-z0-9]/g, '').slice(0, 6)}`
}
