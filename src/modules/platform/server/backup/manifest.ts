import { createHmac } from 'node:crypto'
import { z } from 'zod'

/** Format of the file; a program reads its own and older ones. */
export const backupFormat = 1

export const manifestName = 'manifest.json'
export const secretName = 'secret'

/** Schemas whose rows travel. The job queue's is not among them: it is made anew, and what waits asks for its jobs again. */
export const schemas = ['public', 'stripe_sandbox'] as const

/** The last entry of a backup: what is in it. A file without it was broken off. */
export const manifestShape = z.object({
  format: z.literal(backupFormat),
  madeAt: z.iso.datetime(),
  /** Of the program that wrote it. */
  version: z.string(),
  /** The mark of the shop's storage (storage_home), '' before it has one. */
  shop: z.string(),
  steps: z.array(z.object({ number: z.number(), name: z.string(), sha256: z.string() })),
  /** Steps of the sandbox's schema; [] outside of rehearsal. */
  sandboxSteps: z.array(z.string()),
  tables: z.array(
    z.object({
      schema: z.enum(schemas),
      name: z.string(),
      columns: z.array(z.string()),
      rows: z.number(),
    }),
  ),
  sequences: z.array(
    z.object({ schema: z.enum(schemas), name: z.string(), value: z.string().nullable() }),
  ),
  files: z.object({
    count: z.number(),
    bytes: z.number(),
    /** Keys of files that could not be read whole. */
    missing: z.array(z.string()),
  }),
  /** inside: DATA_DIR/secret is in the file. outside: SUNDRY_SECRET came from the environment and does not travel. */
  secret: z.enum(['inside', 'outside']),
  /** Tells whether a secret is the one this shop was run with, and nothing about it. */
  secretMark: z.string(),
  /** SHA-256 of every entry before this one. */
  entries: z.record(z.string(), z.string()),
})
export type Manifest = z.infer<typeof manifestShape>

export function secretMark(secret: string): string {
  return createHmac('sha256', secret).update('mark of a backup').digest('hex')
}
