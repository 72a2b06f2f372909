/**
 * A text that is shown elsewhere, where nobody is signed in and nothing stands around it: paths of the shop become addresses, those of
 * pictures with what lets their reader fetch them, such as "feed=KEY". Pure.
 */
export function withOwnAddresses(
  html: string,
  { origin, pictures }: { readonly origin: string; readonly pictures?: string },
): string {
  return html
    .replace(/\bsrc="(\/images\/[^"?]+)"/g, (_, path: string) =>
      pictures === undefined ? `src="${path}"` : `src="${path}?${pictures}"`,
    )
    .replace(/\b(href|src)="\/(?![/\\])/g, `$1="${origin}/`)
}
