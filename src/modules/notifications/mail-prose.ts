// Text of the owner's in a mail: what renderMarkdown made, which holds no tags but those of a text. Mail programs drop what stands in
// a style element here and there, so each tag brings its own.

interface Clothes {
  readonly fonts: string
  readonly serif: string
  readonly ink: string
  readonly muted: string
  readonly line: string
}

/** Safe markup with the look of a mail. Pure. */
export function proseHtml(html: string, { fonts, serif, ink, line }: Clothes): string {
  const text = `font:16px/1.6 ${fonts};color:${ink}`
  const heading = (size: number) =>
    `margin:28px 0 12px;font:600 ${size}px/1.3 ${serif};color:${ink}`
  const styles: Readonly<Record<string, string>> = {
    h2: heading(22),
    h3: heading(19),
    h4: heading(17),
    h5: heading(16),
    h6: heading(16),
    p: `margin:0 0 16px;${text}`,
    ul: `margin:0 0 16px;padding-left:24px;${text}`,
    ol: `margin:0 0 16px;padding-left:24px;${text}`,
    blockquote: `margin:0 0 16px;padding-left:16px;border-left:3px solid ${line}`,
    pre: `margin:0 0 16px;padding:12px;white-space:pre-wrap;font:14px/1.5 ui-monospace,Menlo,Consolas,monospace;color:${ink}`,
    img: 'max-width:100%;height:auto;border:0',
    a: `color:${ink}`,
    hr: `margin:24px 0;border:0;border-top:1px solid ${line}`,
    th: `padding:6px 12px 6px 0;text-align:left;${text}`,
    td: `padding:6px 12px 6px 0;${text}`,
  }
  return html.replace(
    /<(h[2-6]|p|ul|ol|blockquote|pre|img|a|hr|th|td)(?=[\s>])/g,
    (tag, name: string) => {
      const style = styles[name]
      return style ? `${tag} class="ink" style="${style}"` : tag
    },
  )
}

/** The same as plain text: paragraphs apart, links with their address, pictures as what they show. Pure. */
export function proseText(html: string): string {
  return decoded(
    html
      .replace(/<img\b[^>]*?\balt="([^"]*)"[^>]*>/g, (_, alt: string) => (alt ? `[${alt}]` : ''))
      .replace(
        /<a\b[^>]*?\bhref="([^"]*)"[^>]*>([\s\S]*?)<\/a>/g,
        (_, href: string, words: string) =>
          words.replace(/<[^>]*>/g, '') === href ? href : `${words} (${href})`,
      )
      .replace(/<hr\b[^>]*>/g, '\n---\n\n')
      .replace(/<br\b[^>]*>\s*/g, '\n')
      .replace(/<li>\s*(?:<p>)?/g, '- ')
      .replace(/<\/(?:td|th)>\s*/g, '  ')
      .replace(/<\/(?:li|tr)>\s*/g, '\n')
      .replace(/<\/(?:p|h[1-6]|ul|ol|blockquote|pre|table)>\s*/g, '\n\n')
      .replace(/<[^>]*>/g, ''),
  )
    .replace(/[ \t]+\n/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

/** Of the signs that the renderer writes as entities; the ampersand last, so that none is read twice. */
function decoded(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replace(/&#(\d{1,6});/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll('&amp;', '&')
}
