import { sqlState } from './sql-state.ts'

/** away: it cannot be asked now, or does not answer in time. full: it reads and cannot write. */
export type DatabaseTrouble = 'away' | 'full'

/**
 * What keeps the database from doing what it was asked, where that is its own trouble and not the statement's: it passes, and
 * the same may be tried again. undefined for every other error.
 */
export function databaseTrouble(error: unknown): DatabaseTrouble | undefined {
  if (!(error instanceof Error)) return undefined
  const state = sqlState(error)
  if (state !== undefined) {
    if (fullStates.has(state)) return 'full'
    return awayStates.has(state) || state.startsWith('08') ? 'away' : undefined
  }
  if (awayMessages.some((message) => error.message.startsWith(message))) return 'away'
  // Others who are asked over sockets (Stripe, files, mail) have errors of their own, made of these.
  const { code, syscall } = error as NodeJS.ErrnoException
  const isOnWire = syscall === 'connect' || syscall === 'read' || syscall === 'write'
  return (isOnWire || error instanceof AggregateError) && awayCodes.has(code ?? '')
    ? 'away'
    : undefined
}

/** Disk full; a server that was made read-only. */
const fullStates = new Set(['53100', '25006'])

/** Cancelled for taking too long; ending, crashed, starting; too many connections; out of memory. */
const awayStates = new Set(['57014', '57P01', '57P02', '57P03', '53300', '53200', '25P03'])

/** The driver tells these by their words alone. */
const awayMessages = [
  'Connection terminated',
  'Query read timeout',
  'timeout exceeded when trying to connect',
  'timeout expired',
  'The database did not answer in time',
  'Client has encountered a connection error',
  'Client was closed',
]

const awayCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOENT'])
