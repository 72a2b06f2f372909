/** Headers by which the application learns what the server in front has already decided. Never taken from outside. */
export const forwarded = {
  protocol: 'x-sundry-protocol',
  host: 'x-sundry-host',
  client: 'x-sundry-client',
  requestId: 'x-sundry-request-id',
} as const

/** A response with this header is the same for everybody who is not signed in, and may be kept. */
export const publicPageHeader = 'x-sundry-public'
