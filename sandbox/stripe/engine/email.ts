/** Stripe takes addresses of up to 512 characters; the limit also bounds the cost of the check. */
const MAX_LENGTH = 512

/** Whether a text can be an address: something, an at sign, and a domain with a dot. */
export function isEmail(text: string): boolean {
  return text.length <= MAX_LENGTH && /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text)
}
