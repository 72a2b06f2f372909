/** What the page says after something was done below a post (`?said=`). */
const words = {
  held: 'Thank you. Your comment waits until it was looked at; until then only you see it.',
  deleted: 'Your comment is gone.',
  late: 'A comment can be changed for 15 minutes. Yours stands as it is; you can delete it.',
  reported: 'Thank you. It is looked at; when others report it, too, it is hidden at once.',
  'reported-before': 'You reported this one before. It was looked at, or will be.',
} as const

export function saidWords(said: string | null): string | undefined {
  return Object.entries(words).find(([name]) => name === said)?.[1]
}
