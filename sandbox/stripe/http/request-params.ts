import type { ApiRequest } from './request.ts'

const MAX_LENGTH = 4_000

/** The parameters of a request for the log: readable, short, card numbers cut to four digits. */
export function shownParams(request: ApiRequest): string {
  return [request.query, request.body]
    .filter((part) => part !== '')
    .join('&')
    .slice(0, MAX_LENGTH)
    .replaceAll('+', ' ')
    .replaceAll(/%(5B|5D|20|2F|3A|40|7B|7D|2C)/gi, (code) => decodeURIComponent(code))
    .replaceAll(/\d{13,19}/g, (number) => `…${number.slice(-4)}`)
    .replaceAll(/(card\[cvc\]=)\d+/g, '$1***')
}
