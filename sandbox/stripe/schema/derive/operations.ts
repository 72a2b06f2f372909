import ts from 'typescript'
import type { OperationDescription, Schema } from '../schema.ts'
import type { ResourceScope } from './scope.ts'
import { resourceClass, type Sdk } from './sdk.ts'
import type { Translator } from './translate.ts'

/** The operations of one resource, keyed `POST /v1/refunds/{id}/cancel`. */
export function operationsOf(
  sdk: Sdk,
  translator: Translator,
  scope: ResourceScope,
): Record<string, OperationDescription> {
  const routes = routesOf(sdk.program(`resources/${scope.file}`))
  const operations: Record<string, OperationDescription> = {}
  const declared = resourceClass(sdk.typings(`resources/${scope.file}`))
  const methods = declared.members.filter(ts.isMethodDeclaration)
  const names = new Set(methods.map((method) => method.name.getText()))
  for (const name of [...(scope.only ?? []), ...(scope.omit ?? [])]) {
    if (!names.has(name)) throw new Error(`${scope.file} has no method ${name} any more`)
  }
  for (const method of methods) {
    const name = method.name.getText()
    if (scope.only ? !scope.only.includes(name) : scope.omit?.includes(name)) continue
    const route = routes.get(name)
    if (!route) throw new Error(`${scope.file}.${name} makes no request`)
    operations[route] = {
      sdk: `${scope.file.replace('/', '.')}.${name}`,
      params: paramsOf(translator, method),
      response: responseOf(translator, method),
    }
  }
  return operations
}

/** Method name to verb and path, read from the calls in the program text. */
function routesOf(file: ts.SourceFile): Map<string, string> {
  const routes = new Map<string, string>()
  for (const member of resourceClass(file).members) {
    if (!ts.isMethodDeclaration(member)) continue
    const found: string[] = []
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node) && node.expression.getText() === 'this._makeRequest') {
        const [verb, path] = node.arguments
        if (!verb || !path || !ts.isStringLiteral(verb))
          throw new Error(`Odd request: ${node.getText()}`)
        found.push(`${verb.text} ${pathPattern(path)}`)
      }
      ts.forEachChild(node, visit)
    }
    visit(member)
    // Several requests in one method (Accounts.retrieve) are told apart by arguments: not described.
    if (found.length === 1 && found[0]) routes.set(member.name.getText(), found[0])
  }
  return routes
}

function pathPattern(path: ts.Expression): string {
  if (ts.isStringLiteral(path) || ts.isNoSubstitutionTemplateLiteral(path)) return path.text
  if (!ts.isTemplateExpression(path)) throw new Error(`Odd path: ${path.getText()}`)
  return path.templateSpans.reduce((text, span) => {
    const name = /^encodeURIComponent\((\w+)\)$/.exec(span.expression.getText())?.[1]
    if (name === undefined) throw new Error(`Odd path: ${path.getText()}`)
    return `${text}{${name}}${span.literal.text}`
  }, path.head.text)
}

function paramsOf(translator: Translator, method: ts.MethodDeclaration): Schema {
  const parameter = method.parameters.find((p) => p.name.getText() === 'params')
  if (!parameter?.type) throw new Error(`${method.name.getText()} takes no params`)
  const schema = translator.translate(parameter.type, 'request')
  // The API takes `expand` everywhere; the typings leave it out of a few deletions.
  return {
    ...schema,
    properties: { ...schema.properties, expand: { type: 'array', items: { type: 'string' } } },
  }
}

function responseOf(translator: Translator, method: ts.MethodDeclaration): Schema {
  if (!method.type || !ts.isTypeReferenceNode(method.type)) {
    throw new Error(`${method.name.getText()} has no plain return type`)
  }
  const [argument] = method.type.typeArguments ?? []
  if (!argument) throw new Error(`${method.type.getText()} says nothing of its content`)
  switch (method.type.typeName.getText()) {
    case 'ApiListPromise':
      return page('list', translator.translate(argument, 'response'))
    case 'ApiSearchResultPromise':
      return page('search_result', translator.translate(argument, 'response'))
    case 'Promise': {
      const [content] = ts.isTypeReferenceNode(argument) ? (argument.typeArguments ?? []) : []
      if (!content) throw new Error(`${method.type.getText()} says nothing of its content`)
      return translator.translate(content, 'response')
    }
    default:
      throw new Error(`Return type of unknown kind: ${method.type.getText()}`)
  }
}

/** `ApiList` and `ApiSearchResult` of the SDK's lib.d.ts. */
function page(object: 'list' | 'search_result', items: Schema): Schema {
  const search: Record<string, Schema> =
    object === 'search_result'
      ? {
          next_page: { type: ['string', 'null'] },
          total_count: { type: 'integer', 'x-includable': true },
        }
      : {}
  return {
    type: 'object',
    properties: {
      object: { type: 'string', enum: [object] },
      data: { type: 'array', items },
      has_more: { type: 'boolean' },
      url: { type: 'string' },
      ...search,
    },
    required: [
      'object',
      'data',
      'has_more',
      'url',
      ...(object === 'search_result' ? ['next_page'] : []),
    ],
    additionalProperties: false,
  }
}
