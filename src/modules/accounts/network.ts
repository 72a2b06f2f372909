import net from 'node:net'

/**
 * What counts as one network in a limit: an IPv4 address, or the first 64 bits of an IPv6 address (one
 * household or server usually has all addresses below them), a port behind it left away. Anything else counts as one network.
 */
export function networkOf(told: string): string {
  const address = withoutPort(told)
  if (net.isIPv4(address)) return address
  if (!net.isIPv6(address) || address.includes('%')) return 'unknown'
  // The URL parser writes every spelling of an address in one form.
  const written = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(written)
  if (mapped?.[1] && mapped[2]) {
    const [high, low] = [Number.parseInt(mapped[1], 16), Number.parseInt(mapped[2], 16)]
    return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`
  }
  const [before = '', after] = written.split('::')
  const head = before === '' ? [] : before.split(':')
  const tail = after ? after.split(':') : []
  const zeros = after === undefined ? 0 : 8 - head.length - tail.length
  const groups = [...head, ...Array<string>(zeros).fill('0'), ...tail]
  return `${groups.slice(0, 4).join(':')}::/64`
}

/** Some proxies tell the port, too: "203.0.113.9:4711", "[2001:db8::1]:4711". */
function withoutPort(told: string): string {
  return (
    /^\[([0-9a-f:.]+)\](?::\d{1,5})?$/i.exec(told)?.[1] ??
    /^([\d.]+):\d{1,5}$/.exec(told)?.[1] ??
    told
  )
}

/** An address as it is shown again: enough to know one's own, not enough to find a household. "203.0.113.…", "2001:db8:…" */
export function shortNetwork(address: string | null | undefined): string | undefined {
  const network = networkOf(address ?? '')
  if (network === 'unknown') return undefined
  return net.isIPv4(network)
    ? `${network.split('.').slice(0, 3).join('.')}.…`
    : `${network.split(':').slice(0, 2).join(':')}:…`
}
