/** Where a restore lays everything out before it takes its place in the data folder; found at a start, it was broken off. */
export const restoringFolder = '.restoring'

export function brokenRestore(dataDir: string): string {
  return `A restore into ${dataDir} was broken off. Run it again (npm run restore FILE), it goes on where it can.`
}
