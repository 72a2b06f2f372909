/**
 * A network address as it is shown: enough to tell two apart, too little to name a person. "203.0.113.x",
 * "2001:db8:1::x"; '' when nothing is known.
 */
export function networkWords(address: string | undefined): string {
  if (!address) return ''
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address
  const four = /^(\d+\.\d+\.\d+)\.\d+$/.exec(mapped)?.[1]
  if (four !== undefined) return `${four}.x`
  if (!mapped.includes(':')) return ''
  const [head = ''] = mapped.split('::')
  const groups = head.split(':').filter((group) => group !== '')
  return `${groups.slice(0, 3).join(':')}::x`
}
