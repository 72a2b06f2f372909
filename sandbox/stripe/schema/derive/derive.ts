import type { Description, OperationDescription } from '../schema.ts'
import { errorSchema } from './error.ts'
import { eventsOf } from './events.ts'
import { operationsOf } from './operations.ts'
import { print } from './print.ts'
import { extraObjects, resources } from './scope.ts'
import { exportedSymbol, openSdk } from './sdk.ts'
import { Translator } from './translate.ts'

/**
 * Derives the description of the API from the `stripe` package in folder `sdkRoot`.
 * The same package always gives the same description, in the same order.
 */
export function derive(sdkRoot: string): Description {
  const sdk = openSdk(sdkRoot)
  const translator = new Translator(sdk)
  for (const { file, name } of extraObjects) {
    translator.describe(exportedSymbol(sdk, sdk.typings(`resources/${file}`), name))
  }
  const readOperations = () =>
    Object.assign({}, ...resources.map((scope) => operationsOf(sdk, translator, scope)))
  // Twice: which ids can be expanded depends on which objects are described.
  readOperations()
  errorSchema(sdk, translator)
  translator.components()
  const operations: Record<string, OperationDescription> = readOperations()
  return {
    stripe: sdk.version,
    apiVersion: sdk.apiVersion,
    operations: Object.fromEntries(Object.entries(operations).sort(byPathThenMethod)),
    events: eventsOf(sdk, translator),
    components: sorted({ ...translator.components(), error: errorSchema(sdk, translator) }),
  }
}

/** The text of `generated.json` for that description. */
export function descriptionText(sdkRoot: string): string {
  return print(derive(sdkRoot))
}

function sorted<T>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function byPathThenMethod([a]: [string, unknown], [b]: [string, unknown]): number {
  const sortKey = (key: string): string => key.split(' ').reverse().join(' ')
  return sortKey(a) < sortKey(b) ? -1 : 1
}
