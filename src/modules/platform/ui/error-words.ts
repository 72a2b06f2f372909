import type { errorDrawings } from './error-drawings.ts'

interface ErrorWords {
  readonly title: string
  /** What the visitor can do. */
  readonly more: string
  readonly drawing: keyof typeof errorDrawings
}

/**
 * What an error page says. message: what the route said about it, in whole sentences; the framework's own
 * ("Not Found", "Internal Error") say nothing to people and are replaced.
 */
export function errorWords(status: number, message: string | undefined): ErrorWords {
  const own = message && /[.!?]$/.test(message) ? message : undefined
  switch (status) {
    case 404:
      return {
        title: 'Nothing is kept here',
        more: own ?? 'The address may have a typing mistake in it, or what it led to is gone.',
        drawing: 'door',
      }
    case 410:
      return {
        title: own ?? 'This is no longer here',
        more: 'If you bought it, it is still yours and stays in your account.',
        drawing: 'box',
      }
    case 403:
      return {
        title: 'This is not for you to open',
        more: own ?? 'You may be signed in with another address than the one this belongs to.',
        drawing: 'door',
      }
    case 429:
      return {
        title: 'A little slower, please',
        more: own ?? 'There were too many tries from here. Wait a minute and try again.',
        drawing: 'cup',
      }
    case 503:
      return {
        title: 'Back in a moment',
        more: own ?? 'The shop is very busy right now. Nothing was lost; please try again shortly.',
        drawing: 'plug',
      }
    default:
      return status >= 500
        ? {
            title: 'That did not work',
            more: own ?? 'Something went wrong on our side. Nothing you did is lost.',
            drawing: 'plug',
          }
        : {
            title: 'This could not be done',
            more: own ?? 'Go back, check what you entered, and try again.',
            drawing: 'door',
          }
  }
}
