import ts from 'typescript'
import type { Schema } from '../schema.ts'
import { alternatives, finish, isList, isObject, mapValue, merge, orNull } from './combine.ts'
import { exportedSymbol, type Sdk } from './sdk.ts'
import { anyObjects, fractionalProperties, includableProperties } from './scope.ts'
import { interfacesOf, isNull, isString, literal, longestText, propertyName } from './type-nodes.ts'

export type Direction = 'request' | 'response'

type Bindings = ReadonlyMap<ts.Symbol, Schema>
const noBindings: Bindings = new Map()

/**
 * Turns the SDK's type nodes into schemas. Objects of the API (interfaces with a literal `object`)
 * become components; all other interfaces are written where they are used. An unknown kind of type
 * throws: better no description than one that passes everything.
 */
export class Translator {
  /** Interfaces of described objects, by component name. */
  readonly described = new Map<string, ts.Symbol>()
  private readonly sdk: Sdk
  private readonly inlining: ts.Symbol[] = []

  constructor(sdk: Sdk) {
    this.sdk = sdk
  }

  /** Adds an object of the API to those described. */
  describe(symbol: ts.Symbol): void {
    const name = this.objectName(symbol)
    if (name === undefined) throw new Error(`${symbol.name} has no literal "object"`)
    const known = this.described.get(name)
    if (known === undefined) this.described.set(name, symbol)
    else if (known !== symbol) throw new Error(`Two interfaces for object "${name}"`)
  }

  /** All components; following what objects embed adds objects on the way. */
  components(): Record<string, Schema> {
    for (;;) {
      const before = this.described.size
      const written: [string, Schema][] = [...this.described].map(([name, symbol]) => [
        name,
        this.component(name, symbol),
      ])
      if (this.described.size === before) {
        return Object.fromEntries(written)
      }
    }
  }

  /** The schema of a type as it stands in the typings. */
  translate(node: ts.TypeNode, direction: Direction, bindings = noBindings, property = ''): Schema {
    if (ts.isParenthesizedTypeNode(node)) {
      return this.translate(node.type, direction, bindings, property)
    }
    if (ts.isUnionTypeNode(node)) {
      return this.union(node.types, direction, bindings, property)
    }
    if (ts.isArrayTypeNode(node)) {
      return {
        type: 'array',
        items: this.translate(node.elementType, direction, bindings, property),
      }
    }
    if (ts.isLiteralTypeNode(node)) return literal(node)
    if (ts.isTypeLiteralNode(node)) return this.object(node.members, direction, bindings)
    if (ts.isTypeReferenceNode(node)) return this.reference(node, direction, bindings, property)
    switch (node.kind) {
      case ts.SyntaxKind.StringKeyword:
        return { type: 'string' }
      case ts.SyntaxKind.BooleanKeyword:
        return { type: 'boolean' }
      case ts.SyntaxKind.NumberKeyword:
        return { type: fractionalProperties.has(property) ? 'number' : 'integer' }
      case ts.SyntaxKind.UnknownKeyword:
        return {}
      default:
        throw new Error(
          `Type of unknown kind: ${node.getText()} in ${node.getSourceFile().fileName}`,
        )
    }
  }

  /** Schema of an interface written out, its bases' properties first. */
  interfaceSchema(symbol: ts.Symbol, direction: Direction, bindings = noBindings): Schema {
    if (this.inlining.includes(symbol)) throw new Error(`${symbol.name} contains itself`)
    this.inlining.push(symbol)
    const whole: Schema = { type: 'object', properties: {}, required: [] }
    for (const declaration of interfacesOf(symbol)) {
      for (const base of (declaration.heritageClauses ?? []).flatMap((clause) => clause.types)) {
        const baseSymbol = this.resolve(base.expression)
        merge(whole, this.interfaceSchema(baseSymbol, direction, bindings))
      }
      merge(whole, this.object(declaration.members, direction, bindings))
    }
    this.inlining.pop()
    return finish(whole)
  }

  /** Component name when the symbol is an object of the API: `charge`, `deleted_customer`. */
  objectName(symbol: ts.Symbol): string | undefined {
    for (const declaration of interfacesOf(symbol)) {
      let name: string | undefined
      let deleted = false
      for (const member of declaration.members) {
        if (!ts.isPropertySignature(member) || !member.type) continue
        const key = propertyName(member)
        if (key === 'object' && ts.isLiteralTypeNode(member.type)) {
          const { literal: value } = member.type
          if (ts.isStringLiteral(value)) name = value.text
        }
        if (key === 'deleted' && member.questionToken === undefined) deleted = true
      }
      if (name !== undefined && name !== 'list' && name !== 'search_result') {
        return deleted ? `deleted_${name}` : name
      }
    }
    return undefined
  }

  /** What a name in the typings stands for, imports followed. */
  resolve(name: ts.Node): ts.Symbol {
    const symbol = this.sdk.checker.getSymbolAtLocation(name)
    if (!symbol)
      throw new Error(`Nothing is known of ${name.getText()} in ${name.getSourceFile().fileName}`)
    return symbol.flags & ts.SymbolFlags.Alias ? this.sdk.checker.getAliasedSymbol(symbol) : symbol
  }

  /** The union of all events is described once, by what they have in common. */
  private entity(symbol: ts.Symbol): ts.Symbol {
    if (symbol.name !== 'Event' || !symbol.declarations?.some(ts.isTypeAliasDeclaration))
      return symbol
    return exportedSymbol(this.sdk, this.sdk.typings('resources/Events'), 'EventBase')
  }

  private component(name: string, symbol: ts.Symbol): Schema {
    const schema = this.interfaceSchema(symbol, 'response')
    for (const key of includableProperties[name] ?? []) {
      const property = key
        .split('.')
        .reduce<Schema | undefined>((holder, step) => holder?.properties?.[step], schema)
      if (!property) throw new Error(`${name} has no property ${key} any more`)
      property['x-includable'] = true
    }
    for (const path of anyObjects[name] ?? []) {
      const holder = path
        .slice(0, -1)
        .reduce<Schema | undefined>((s, key) => s?.properties?.[key], schema)
      const key = path.at(-1)
      if (key === undefined || !holder?.properties?.[key])
        throw new Error(`${name} has no ${path.join('.')}`)
      holder.properties[key] = { type: 'object' }
    }
    return schema
  }

  private reference(
    node: ts.TypeReferenceNode,
    direction: Direction,
    bindings: Bindings,
    property: string,
  ): Schema {
    const name = node.typeName.getText()
    const argument = node.typeArguments?.[0]
    if (name === 'Array' && argument) {
      return { type: 'array', items: this.translate(argument, direction, bindings, property) }
    }
    const symbol = this.entity(this.resolve(node.typeName))
    const bound = bindings.get(symbol)
    if (bound) return bound
    if (symbol.name === 'Decimal') return { type: 'string', format: 'decimal' }
    const declaration = symbol.declarations?.find(
      (d) => ts.isInterfaceDeclaration(d) || ts.isTypeAliasDeclaration(d),
    )
    if (!declaration) throw new Error(`${name} is neither interface nor alias`)
    const inner = this.bind(declaration, node, direction, bindings, property)
    if (ts.isTypeAliasDeclaration(declaration)) {
      return this.translate(declaration.type, direction, inner, property)
    }
    const object = direction === 'response' ? this.objectName(symbol) : undefined
    if (object === undefined) return this.interfaceSchema(symbol, direction, inner)
    this.describe(symbol)
    return { $ref: `#/components/${object}` }
  }

  private bind(
    declaration: ts.InterfaceDeclaration | ts.TypeAliasDeclaration,
    node: ts.TypeReferenceNode,
    direction: Direction,
    bindings: Bindings,
    property: string,
  ): Bindings {
    const parameters = declaration.typeParameters ?? []
    if (parameters.length === 0) return noBindings
    return new Map(
      parameters.map((parameter, index) => {
        const argument = node.typeArguments?.[index]
        if (!argument) throw new Error(`${node.getText()} lacks a type argument`)
        return [
          this.resolve(parameter.name),
          this.translate(argument, direction, bindings, property),
        ]
      }),
    )
  }

  private object(
    members: ts.NodeArray<ts.TypeElement>,
    direction: Direction,
    bindings: Bindings,
  ): Schema {
    const schema: Schema = { type: 'object', properties: {}, required: [] }
    for (const member of members) {
      if (ts.isIndexSignatureDeclaration(member)) {
        schema.additionalProperties = mapValue(this.translate(member.type, direction, bindings))
        continue
      }
      if (!ts.isPropertySignature(member) || !member.type) {
        throw new Error(`Member of unknown kind: ${member.getText()}`)
      }
      const key = propertyName(member)
      // `deleted?: void` tells TypeScript's unions apart; nothing of it is on the wire.
      if (member.type.kind === ts.SyntaxKind.VoidKeyword) continue
      const value = this.translate(member.type, direction, bindings, key)
      if (member.questionToken === undefined) schema.required?.push(key)
      else if (direction === 'response' && isList(value)) value['x-includable'] = true
      const longest = direction === 'request' ? longestText(member) : undefined
      if (longest !== undefined && value.type === 'string') value.maxLength = longest
      if (schema.properties) schema.properties[key] = value
    }
    return finish(schema)
  }

  private union(
    nodes: readonly ts.TypeNode[],
    direction: Direction,
    bindings: Bindings,
    property: string,
  ): Schema {
    const members = nodes.flatMap((node) => this.unionMembers(node))
    const open = members.some((node) => this.isOtherString(node))
    const nullable = members.some(isNull)
    const strings: string[] = []
    const objects: string[] = []
    const rest: Schema[] = []
    for (const node of members) {
      if (this.isOtherString(node) || isNull(node)) continue
      const object = direction === 'response' ? this.referencedObject(node) : undefined
      if (object !== undefined) {
        objects.push(object)
        if (members.some(isString) && !this.described.has(object)) continue
      }
      const schema = this.translate(node, direction, bindings, property)
      const only =
        schema.type === 'string' && schema.enum?.length === 1 ? schema.enum[0] : undefined
      if (typeof only === 'string') strings.push(only)
      else rest.push(schema)
    }
    if (strings.length > 0) {
      if (open && direction === 'response') rest.unshift({ type: 'string', 'x-open-enum': strings })
      else rest.unshift({ type: 'string', enum: strings })
    }
    const schema = alternatives(rest)
    if (direction === 'response' && members.some(isString)) {
      if (schema.anyOf?.some(isObject)) schema['x-expandable'] = true
      else if (objects.length > 0) schema['x-expands'] = objects
    }
    return nullable && direction === 'response' ? orNull(schema) : schema
  }

  /** A union's members with aliases of unions taken apart, `OtherString` kept whole. */
  private unionMembers(node: ts.TypeNode): ts.TypeNode[] {
    if (ts.isParenthesizedTypeNode(node)) return this.unionMembers(node.type)
    if (ts.isUnionTypeNode(node)) return node.types.flatMap((type) => this.unionMembers(type))
    if (
      ts.isTypeReferenceNode(node) &&
      !node.typeArguments &&
      node.typeName.getText() !== 'Array'
    ) {
      const alias = this.resolve(node.typeName).declarations?.find(ts.isTypeAliasDeclaration)
      if (
        alias &&
        !alias.typeParameters &&
        ts.isUnionTypeNode(alias.type) &&
        alias.name.text !== 'Event'
      ) {
        return this.unionMembers(alias.type)
      }
    }
    return [node]
  }

  private referencedObject(node: ts.TypeNode): string | undefined {
    if (!ts.isTypeReferenceNode(node) || node.typeName.getText() === 'Array') return undefined
    return this.objectName(this.resolve(node.typeName))
  }

  private isOtherString(node: ts.TypeNode): boolean {
    return ts.isTypeReferenceNode(node) && node.typeName.getText() === 'OtherString'
  }
}
