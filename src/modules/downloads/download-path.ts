/** Where a signed-in buyer fetches a file; see also downloadLink() for those who are not signed in. */
export function downloadPath(entitlementId: string, versionId: string): string {
  return `/downloads/${entitlementId}/${versionId}`
}
