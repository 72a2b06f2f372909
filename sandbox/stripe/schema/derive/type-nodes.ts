import ts from 'typescript'
import type { Schema } from '../schema.ts'

export function literal(node: ts.LiteralTypeNode): Schema {
  const value = node.literal
  if (ts.isStringLiteral(value)) return { type: 'string', enum: [value.text] }
  if (ts.isNumericLiteral(value)) return { type: 'integer', enum: [Number(value.text)] }
  if (value.kind === ts.SyntaxKind.TrueKeyword) return { type: 'boolean', enum: [true] }
  if (value.kind === ts.SyntaxKind.FalseKeyword) return { type: 'boolean', enum: [false] }
  if (value.kind === ts.SyntaxKind.NullKeyword) return { type: 'null' }
  throw new Error(`Literal of unknown kind: ${node.getText()}`)
}

export function isNull(node: ts.TypeNode): boolean {
  return ts.isLiteralTypeNode(node) && node.literal.kind === ts.SyntaxKind.NullKeyword
}

export function isString(node: ts.TypeNode): boolean {
  return node.kind === ts.SyntaxKind.StringKeyword
}

export function interfacesOf(symbol: ts.Symbol): ts.InterfaceDeclaration[] {
  return (symbol.declarations ?? []).filter(ts.isInterfaceDeclaration)
}

export function propertyName(member: ts.PropertySignature): string {
  if (
    ts.isIdentifier(member.name) ||
    ts.isStringLiteral(member.name) ||
    ts.isNumericLiteral(member.name)
  ) {
    return member.name.text
  }
  throw new Error(`Property of unknown kind: ${member.getText()}`)
}

/** "Has a maximum character count of 20,000." in a property's comment: the typings say it nowhere else. */
export function longestText(member: ts.PropertySignature): number | undefined {
  const comment = ts
    .getJSDocCommentsAndTags(member)
    .map((node) => node.getText())
    .join(' ')
  const count = /maximum character count of ([\d,]+)/.exec(comment)?.[1]
  return count === undefined ? undefined : Number(count.replaceAll(',', ''))
}
