import { formatBytes } from '#modules/platform/dates.ts'
import type { DownloadItem, FileVersion } from './types.ts'

/** What is delivered and when, beside the price: "3 files, 1 link, 48 MB, yours at once". */
export function deliveryWords(items: readonly DownloadItem[]): string {
  return capital([...contents(items), 'yours at once'].join(', '))
}

/** What is in it, beside the title on the buyer's shelf: "3 files, 1 link, 48 MB"; '' when there is nothing yet. */
export function contentsWords(items: readonly DownloadItem[]): string {
  return capital(contents(items).join(', '))
}

function contents(items: readonly DownloadItem[]): string[] {
  const files = items.flatMap((item) => (item.kind === 'file' ? [item.versions[0]] : []))
  const links = items.filter((item) => item.kind === 'link').length
  const snippets = items.filter((item) => item.kind === 'snippet').length
  const bytes = files.reduce((sum, file) => sum + file.byteSize, 0)
  return [
    ...counted(files.length, 'file', 'files'),
    ...counted(links, 'link', 'links'),
    ...counted(snippets, 'snippet', 'snippets'),
    ...(files.length > 0 ? [formatBytes(bytes)] : []),
  ]
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function counted(count: number, one: string, many: string): string[] {
  return count === 0 ? [] : [`${count} ${count === 1 ? one : many}`]
}

/** What an item is, beside its title: "PDF, 42 pages, 12 MB", "Link", "Snippet, CSS". */
export function itemWords(item: DownloadItem): string {
  if (item.kind === 'file') return fileWords(item.versions[0])
  if (item.kind === 'link') return item.url.startsWith('mailto:') ? 'E-mail address' : 'Link'
  return item.language === '' ? 'Snippet to copy' : `Snippet to copy, ${item.language}`
}

/** "PDF, 42 pages, 12 MB" */
export function fileWords(file: FileVersion): string {
  return [
    file.format,
    ...(file.pageCount === undefined ? [] : counted(file.pageCount, 'page', 'pages')),
    formatBytes(file.byteSize),
  ].join(', ')
}

/** The label suggested for the next version: a last number goes up by one, "1.3" becomes "1.4". */
export function nextLabel(versions: readonly { readonly label: string }[]): string {
  const last = versions[0]?.label
  if (last === undefined) return '1'
  const match = /^(.*?)(\d{1,9})(\D*)$/.exec(last)
  if (!match) return String(versions.length + 1)
  const next = `${match[1]}${Number(match[2]) + 1}${match[3]}`
  return next.length <= 30 ? next : String(versions.length + 1)
}

/** The address of a link item as it is stored, or undefined when it is none that a buyer may be sent to. */
export function readLink(text: string): string | undefined {
  const plain = text.trim()
  if (plain.length > 2000 || /\s|\p{Cc}|\\/u.test(plain)) return undefined
  // "example.com/course" is how people write it.
  const full = /^[a-z][a-z0-9+.-]*:/i.test(plain) ? plain : `https://${plain}`
  const url = URL.parse(full)
  if (!url || url.username || url.password) return undefined
  if (url.protocol === 'mailto:') return /^[^@?]+@[^@?]+/.test(url.pathname) ? url.href : undefined
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined
  return url.hostname.includes('.') || url.hostname === 'localhost' ? url.href : undefined
}
