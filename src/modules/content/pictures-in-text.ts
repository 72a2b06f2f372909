import { teaserOf, wholeOf } from './teaser.ts'
import type { PostInput } from './types.ts'

/** The Markdown of what everybody may read. */
export function openTextOf({ bodyMd, access }: Pick<PostInput, 'bodyMd' | 'access'>): string {
  return access.kind === 'free' ? wholeOf(bodyMd) : teaserOf(bodyMd).bodyMd
}

/** A picture as it stands in a text. Signs of Markdown in its description would end it early. */
export function pictureLine(alt: string, path: string): string {
  return `![${alt.replace(/[\\[\]]/g, '\\$&')}](${path})`
}

/** The size of a picture by the path it is served at, in px. */
export type PictureSizes = ReadonlyMap<string, { readonly width: number; readonly height: number }>

/** Rendered markup whose pictures keep their place while they load: nothing moves when they arrive. */
export function withSizes(html: string, sizes: PictureSizes): string {
  return html.replace(/<img src="([^"]*)"/g, (tag, path: string) => {
    const size = sizes.get(path)
    return size ? `${tag} width="${size.width}" height="${size.height}"` : tag
  })
}
