interface TitledLine {
  readonly title: string
  readonly bundle: { readonly title: string; readonly at: number } | undefined
}

/** What was bought, as the buyer saw it: a bundle by its own name, once, in place of its parts. */
export function boughtTitles(lines: readonly TitledLine[]): readonly string[] {
  const bundles = new Set<number>()
  return lines.flatMap(({ title, bundle }) => {
    if (!bundle) return [title]
    if (bundles.has(bundle.at)) return []
    bundles.add(bundle.at)
    return [bundle.title]
  })
}
