/** Waits until the condition gives something other than undefined or false; fails with the words when it never does. */
export async function until<Result>(
  words: string,
  condition: () => Promise<Result | undefined | false> | Result | undefined | false,
  limitMs = 20_000,
): Promise<Result> {
  const deadline = performance.now() + limitMs
  for (;;) {
    const result = await condition()
    if (result !== undefined && result !== false) return result
    if (performance.now() > deadline) throw new Error(`Waited in vain until ${words}.`)
    await new Promise((resolve) => setTimeout(resolve, 15))
  }
}
