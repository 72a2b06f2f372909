/** What a member agrees to; kept with the moment, as it stood there. */
export function newsletterWording(shopName: string): string {
  return `Send me new posts of ${shopName} by mail. I can stop that with one click in each of them.`
}
