/** "12 of 50 and 2 being paid": how often a coupon was used, may be used, and is held by somebody who is paying. */
export function usesWords(
  uses: { readonly used: number; readonly held: number; readonly mostUses: number | undefined },
  locale: string,
): string {
  const number = (count: number) => count.toLocaleString(locale)
  const of = uses.mostUses === undefined ? '' : ` of ${number(uses.mostUses)}`
  const held = uses.held === 0 ? '' : ` and ${number(uses.held)} being paid`
  return `${number(uses.used)}${of}${held}`
}
