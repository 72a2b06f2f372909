/**
 * Where an ad can stand, one a page: `front` below the range, `search` below what was found, `product` below the story of a product,
 * `page` at the end of a post or text page.
 */
export const adPlaces = ['front', 'product', 'search', 'page'] as const
export type AdPlace = (typeof adPlaces)[number]

export const adPlaceWords: Readonly<
  Record<AdPlace, { readonly label: string; readonly help: string }>
> = {
  front: { label: 'Front page', help: 'Below everything on sale. A low band.' },
  product: { label: 'Products', help: 'Below what you tell about a product.' },
  search: { label: 'Search', help: 'Below what was found. A low band.' },
  page: { label: 'Text pages', help: 'At the end of posts, about, terms and the like.' },
}

/** What the owner set: the AdSense account, the ad unit of each place that has one, and who asks visitors first. */
export interface Ads {
  /** `ca-pub-` and 16 digits; undefined: there are no ads. */
  readonly client: string | undefined
  readonly units: Readonly<Partial<Record<AdPlace, string>>>
  /** Nothing of Google's is loaded before the visitor said yes on the page. */
  readonly asksFirst: boolean
}

export const noAds: Ads = { client: undefined, units: {}, asksFirst: true }

export type ReadAd =
  | { readonly ok: true; readonly id: string | undefined }
  | { readonly ok: false; readonly problem: string }

/** The AdSense account out of what was pasted: the id with or without `ca-`, or a whole piece of AdSense's code. '' is none. */
export function readAdClient(pasted: string): ReadAd {
  if (pasted.trim() === '') return { ok: true, id: undefined }
  const digits = /(?<![\w-])(?:ca-)?pub-(\d{16})(?!\d)/.exec(pasted)?.[1]
  return digits
    ? { ok: true, id: `ca-pub-${digits}` }
    : { ok: false, problem: 'An AdSense id is written as ca-pub- and sixteen digits.' }
}

/** An ad unit out of its number or its whole code. '' is none. client: the account it must belong to, where the code names one. */
export function readAdUnit(pasted: string, client: string | undefined): ReadAd {
  const text = pasted.trim()
  if (text === '') return { ok: true, id: undefined }
  const number = /^\d{10}$/.test(text)
    ? text
    : /\bdata-ad-slot\s*=\s*["']?(\d{10})(?!\d)/.exec(text)?.[1]
  if (!number)
    return {
      ok: false,
      problem: 'An ad unit has ten digits. Paste the number, or the whole code AdSense shows.',
    }
  const named = text === number ? undefined : readAdClient(text)
  if (client !== undefined && named?.ok && named.id !== undefined && named.id !== client)
    return { ok: false, problem: 'This ad unit belongs to another AdSense account.' }
  return { ok: true, id: number }
}

/**
 * What `/ads.txt` says: that Google alone may sell ads here, for this account. The last part is Google's own number at the
 * certification authority (https://support.google.com/adsense/answer/7532444).
 */
export function adsTxt(client: string): string {
  return `google.com, ${client.replace(/^ca-/, '')}, DIRECT, f08c47fec0942fa0\n`
}

/**
 * A page's content security policy with room for ads. Google changes the hosts ads come from and supports a nonce with
 * 'strict-dynamic' alone (https://developers.google.com/publisher-tag/guides/content-security-policy); hashes that stood there stay.
 */
export function policyWithAds(policy: string, nonce: string): string {
  const directives = policy.split(';').map((directive) => directive.trim())
  return directives
    .filter((directive) => directive !== '')
    .map((directive) => {
      const [name, ...sources] = directive.split(/\s+/)
      if (name === 'script-src')
        return [
          name,
          `'nonce-${nonce}'`,
          "'strict-dynamic'",
          "'unsafe-eval'",
          ...sources.filter((source) => source.startsWith("'sha")),
        ].join(' ')
      if (name === 'img-src' || name === 'connect-src') return `${directive} https:`
      return directive
    })
    .concat('frame-src https:')
    .join('; ')
}
