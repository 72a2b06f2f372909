/**
 * Whether a `<details>` is open: as whoever reads left it before the script came, else as the page says. Called while its component is
 * made, with the id that the component gives it: the element is there already only when the server had made it.
 */
export function openBeforeScript(id: string, asThePageSays: boolean): boolean {
  if (typeof document === 'undefined') return asThePageSays
  const element = document.getElementById(id)
  return element instanceof HTMLDetailsElement ? element.open : asThePageSays
}
