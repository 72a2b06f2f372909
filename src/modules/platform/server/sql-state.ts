import pg from 'pg'

/** The SQLSTATE of a database error, e.g. 23505 for a duplicate; undefined for anything else. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined
}
