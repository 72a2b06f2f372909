/** Codes are guessed by trying: a person mistypes a few times. */
export const codeLimit = { name: 'coupon-code', most: 20, windowSeconds: 600 } as const
