import { cutText } from '#modules/platform/cut-text.ts'

const longestName = 180

/**
 * The name a file is stored and downloaded under, made from whatever the uploading browser called it: the last
 * part of a path, without signs that control terminals, headers, folders or the direction of writing, and without
 * endings and names that Windows cannot keep. Never empty, at most 180 characters, extension kept.
 */
export function cleanFileName(given: string): string {
  const last = given.normalize('NFC').split(/[/\\]/).at(-1) ?? ''
  const plain = last
    // Cc control, Cf invisible and direction marks, Co private, Cs lone surrogates, Zl and Zp line breaks
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu, '')
    .replace(/[<>:"|?*%;]/g, '-')
    .replace(/\s+/g, ' ')
    .replace(/^[\s.]+|[\s.]+$/g, '')
  const { stem, extension } = splitName(plain)
  const kept = cutText(stem, longestName - extension.length).replace(/[\s.]+$/, '')
  // Device names of Windows, with whatever extension.
  const safe = /^(?:con|prn|aux|nul|com\d|lpt\d)$/i.test(kept) ? `${kept}-file` : kept
  return (safe || 'file') + extension
}

function splitName(name: string): { stem: string; extension: string } {
  const match = /^(.+?)((?:\.tar)?\.[\p{L}\p{N}]{1,12})$/iu.exec(name)
  return match?.[1] && match[2]
    ? { stem: match[1], extension: match[2] }
    : { stem: name, extension: '' }
}

/** What the owner's item is called until it gets a better title: "weekly-planner_v2.pdf" -> "weekly planner v2". */
export function titleFromFileName(fileName: string): string {
  const words = splitName(fileName).stem.replace(/[_-]+/g, ' ').replace(/\s+/g, ' ').trim()
  return cutText(words, 120) || 'File'
}

/** Says "save it" and under which name; RFC 6266 with the RFC 5987 form for names that are not plain ASCII. */
export function contentDisposition(fileName: string): string {
  const name = cleanFileName(fileName)
  const ascii =
    name
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .replace(/[^\x20-\x7e]|["\\]/g, '_') || 'file'
  const encoded = encodeURIComponent(name).replace(
    /['()*!]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`
}

interface FileType {
  /** For people: "PDF". */
  readonly words: string
  readonly mediaType: string
}

const unknownType = 'application/octet-stream'

/**
 * Types that are told to the browser. Text and anything that a page could be made of is left out: those files are
 * sent as plain bytes, so that nothing on the way compresses, converts or shows them.
 */
const types: Readonly<Record<string, FileType>> = {
  pdf: { words: 'PDF', mediaType: 'application/pdf' },
  epub: { words: 'EPUB', mediaType: 'application/epub+zip' },
  zip: { words: 'ZIP', mediaType: 'application/zip' },
  jpg: { words: 'JPEG', mediaType: 'image/jpeg' },
  jpeg: { words: 'JPEG', mediaType: 'image/jpeg' },
  png: { words: 'PNG', mediaType: 'image/png' },
  webp: { words: 'WebP', mediaType: 'image/webp' },
  gif: { words: 'GIF', mediaType: 'image/gif' },
  mp3: { words: 'MP3', mediaType: 'audio/mpeg' },
  m4a: { words: 'M4A', mediaType: 'audio/mp4' },
  wav: { words: 'WAV', mediaType: 'audio/wav' },
  flac: { words: 'FLAC', mediaType: 'audio/flac' },
  mp4: { words: 'MP4', mediaType: 'video/mp4' },
  mov: { words: 'MOV', mediaType: 'video/quicktime' },
  webm: { words: 'WebM', mediaType: 'video/webm' },
  xlsx: {
    words: 'Excel',
    mediaType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  },
  docx: {
    words: 'Word',
    mediaType: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  },
  pptx: {
    words: 'PowerPoint',
    mediaType: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  },
}

/** What kind of file a name promises. Told by the name alone; nothing is decided by it. */
export function fileTypeOf(fileName: string): FileType {
  const extension = splitName(fileName).extension.split('.').at(-1)?.toLowerCase() ?? ''
  return (
    types[extension] ?? {
      words: extension === '' ? 'File' : extension.toUpperCase(),
      mediaType: unknownType,
    }
  )
}
