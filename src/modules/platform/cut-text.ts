/**
 * The beginning of a text, at most so many UTF-16 units, never ending in half a sign: half an emoji is shown as a question
 * mark, and PostgreSQL refuses JSON that holds one.
 */
export function cutText(text: string, most: number): string {
  return text.slice(0, most).replace(/[\ud800-\udbff]$/, '')
}
