/** One version of a file, as buyers and the owner see it. */
export interface FileVersion {
  readonly id: string
  /** "2", "1.3", "May edition": the owner's word for it. */
  readonly label: string
  /** What is new in it; '' when nothing was said. */
  readonly changes: string
  readonly fileName: string
  readonly byteSize: number
  /** For people: "PDF", "ZIP". */
  readonly format: string
  /** Of a PDF that tells it for certain. */
  readonly pageCount: number | undefined
  readonly addedAt: Date
  /** Its bytes are missing or wrong just now: it is not handed out. */
  readonly isDamaged: boolean
}

interface ItemBase {
  readonly id: string
  readonly title: string
  /** One line below the title; '' when there is none. */
  readonly note: string
}

export interface FileItem extends ItemBase {
  readonly kind: 'file'
  /** Newest first; at least one. */
  readonly versions: readonly [FileVersion, ...FileVersion[]]
}

export interface LinkItem extends ItemBase {
  readonly kind: 'link'
  /** http, https or mailto. */
  readonly url: string
}

export interface SnippetItem extends ItemBase {
  readonly kind: 'snippet'
  readonly body: string
  /** "CSS", "Text": shown, never interpreted; '' when nothing was said. */
  readonly language: string
}

export type DownloadItem = FileItem | LinkItem | SnippetItem

/** What a buyer's dashboard shows of a product. */
export interface Goods {
  /** One friendly sentence; '' when there is none. */
  readonly greeting: string
  /** Short directions as safe HTML; '' when there are none. */
  readonly directionsHtml: string
  readonly items: readonly DownloadItem[]
}

/** What the owner's editor works on. */
export interface DownloadContents {
  readonly greeting: string
  readonly directionsMd: string
  readonly items: readonly DownloadItem[]
}

/** Bounds that keep one product's contents readable. */
export const contentLimits = {
  items: 100,
  versionsPerItem: 200,
  /** Of one file. */
  fileBytes: 5_000_000_000,
} as const

/** Who a new version is for, by counts of people. */
export interface Audience {
  /** People who may open the product. */
  readonly all: number
  /** Have fetched the version whole. */
  readonly fetched: number
  /** Bought it when the version was there already, and have not fetched it. */
  readonly boughtLater: number
  /** Are to be told: may open it, bought before, have not fetched it, and were not put on the list. */
  readonly toTell: number
}
