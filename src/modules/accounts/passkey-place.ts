import net from 'node:net'

/** What passkeys are bound to. */
export interface PasskeyPlace {
  /** The host's name (WebAuthn: the relying party's id). */
  readonly rpId: string
  /** Scheme, host and port, as browsers tell it. */
  readonly origin: string
}

/**
 * Where passkeys of a shop at this address (the settings' ORIGIN) belong; undefined where browsers allow none: they want TLS
 * and a host with a name (W3C WebAuthn 3, 5.1.3); only localhost may do without TLS.
 */
export function passkeyPlace(origin: string): PasskeyPlace | undefined {
  const url = new URL(origin)
  const rpId = url.hostname
  if (net.isIP(rpId) || rpId.startsWith('[')) return undefined
  const isLocal = rpId === 'localhost' || rpId.endsWith('.localhost')
  return url.protocol === 'https:' || isLocal ? { rpId, origin: url.origin } : undefined
}
