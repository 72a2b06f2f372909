import { isSigned, sign } from '#modules/platform/server/index.ts'
import { downloadPath } from '../download-path.ts'

const purpose = 'download'

/**
 * A path that opens one file for whoever holds it, until expiresAt (by the one clock; the second counts): for a paid
 * page and mail. It opens nothing once the entitlement has ended. For an hour, say: new Date(now.getTime() + linkLifeMs).
 */
export function downloadLink(entitlementId: string, versionId: string, expiresAt: Date): string {
  const expires = String(Math.floor(expiresAt.getTime() / 1000))
  const signature = sign(purpose, entitlementId, versionId, expires)
  return `${downloadPath(entitlementId, versionId)}?expires=${expires}&signature=${signature}`
}

/** How long a link is good for: long enough to fetch, too short to pass around. */
export const linkLifeMs = 3_600_000

/** What a link proves at this moment. */
export function linkProof(
  link: {
    readonly entitlementId: string
    readonly versionId: string
    readonly expires: string | null
    readonly signature: string | null
  },
  now: Date,
): 'none' | 'expired' | 'good' {
  const { entitlementId, versionId, expires, signature } = link
  if (expires === null || signature === null || !/^\d{1,12}$/.test(expires)) return 'none'
  if (!isSigned(signature, purpose, entitlementId, versionId, expires)) return 'none'
  return now.getTime() < Number(expires) * 1000 ? 'good' : 'expired'
}
