// Builds the web application when its sources changed since the last build.
import path from 'node:path'
import { buildWhenStale } from '../server/build.ts'

const built = await buildWhenStale(path.resolve(import.meta.dirname, '..'), (words) =>
  process.stderr.write(`${words}\n`),
)
if (!built) process.stderr.write('The pages are up to date.\n')
