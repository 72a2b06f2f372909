import ts from 'typescript'
import type { Schema } from '../schema.ts'
import { exportedSymbol, type Sdk } from './sdk.ts'
import type { Translator } from './translate.ts'

/**
 * The body of an answer with status 400 or above: the SDK's `StripeRawError` without what the SDK
 * itself adds to it (the members that carry no documentation).
 */
export function errorSchema(sdk: Sdk, translator: Translator): Schema {
  const alias = exportedSymbol(sdk, sdk.typings('Types'), 'StripeRawError').declarations?.find(
    ts.isTypeAliasDeclaration,
  )
  if (!alias || !ts.isTypeLiteralNode(alias.type))
    throw new Error('StripeRawError is no plain type any more')
  const properties: Record<string, Schema> = {}
  for (const member of alias.type.members) {
    const documentation = ts.getJSDocCommentsAndTags(member)[0]
    if (!documentation || !ts.isPropertySignature(member) || !member.type) continue
    const name = member.name.getText()
    properties[name] =
      name === 'type'
        ? { type: 'string', enum: quotedWords(documentation.getText()) }
        : translator.translate(member.type, 'response')
  }
  return {
    type: 'object',
    properties: {
      error: { type: 'object', properties, required: ['type'], additionalProperties: false },
    },
    required: ['error'],
    additionalProperties: false,
  }
}

/** The error types of this API generation stand only in the comment; the type has all generations'. */
function quotedWords(comment: string): string[] {
  const words = [...comment.matchAll(/`(\w+)`/g)].flatMap((match) => match[1] ?? [])
  if (words.length === 0) throw new Error('The comment on error types names none any more')
  return words
}
