import ts from 'typescript'
import { eventlessObjects } from './scope.ts'
import { exportedSymbol, type Sdk } from './sdk.ts'
import type { Translator } from './translate.ts'

/** Wire type to component of `data.object`, for every event about a described object. */
export function eventsOf(sdk: Sdk, translator: Translator): Record<string, string> {
  const file = sdk.typings('resources/Events')
  const union = exportedSymbol(sdk, file, 'Event').declarations?.find(
    ts.isTypeAliasDeclaration,
  )?.type
  if (!union || !ts.isUnionTypeNode(union)) throw new Error('Event is no union any more')
  const events: [string, string][] = []
  for (const member of union.types) {
    if (!ts.isTypeReferenceNode(member)) throw new Error(`Odd event: ${member.getText()}`)
    const symbol = translator.resolve(member.typeName)
    const name = literalType(symbol)
    const object = dataObject(translator, symbol)
    if (object !== undefined && translator.described.has(object) && !eventlessObjects.has(object)) {
      events.push([name, object])
    }
  }
  return Object.fromEntries(events.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function literalType(symbol: ts.Symbol): string {
  const type = memberType(symbol, 'type')
  if (type && ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal))
    return type.literal.text
  throw new Error(`${symbol.name} has no literal type`)
}

/** Component name of `data.object`; undefined for a union (legacy sources and the like). */
function dataObject(translator: Translator, symbol: ts.Symbol): string | undefined {
  const data = symbol.exports?.get(ts.escapeLeadingUnderscores('Data'))
  const type = data && memberType(data, 'object')
  if (!type || !ts.isTypeReferenceNode(type)) throw new Error(`${symbol.name} carries no object`)
  return translator.objectName(translator.resolve(type.typeName))
}

function memberType(symbol: ts.Symbol, name: string): ts.TypeNode | undefined {
  for (const declaration of (symbol.declarations ?? []).filter(ts.isInterfaceDeclaration)) {
    for (const member of declaration.members) {
      if (ts.isPropertySignature(member) && member.name.getText() === name) return member.type
    }
  }
  return undefined
}
