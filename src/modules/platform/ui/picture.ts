/** A picture as a page needs it: the widths it exists in and a tiny stand-in. The catalog's ImageView is one. */
export interface PictureView {
  readonly width: number
  readonly height: number
  /** data: URL a few pixels wide. */
  readonly blur: string
  readonly alt: string
  readonly sources: readonly {
    readonly width: number
    readonly format: 'webp' | 'jpeg'
    readonly url: string
  }[]
}
