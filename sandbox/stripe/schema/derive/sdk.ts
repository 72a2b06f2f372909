import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

/** The installed SDK, read as typings and as a method table. */
export interface Sdk {
  version: string
  apiVersion: string
  checker: ts.TypeChecker
  /** The typings of `esm/<path>.d.ts`. */
  typings(path: string): ts.SourceFile
  /** The program text of `esm/<path>.js`. */
  program(path: string): ts.SourceFile
}

/**
 * Opens the `stripe` package at `root` (its folder). Throws when a file this derivation needs is
 * missing, for then the SDK's layout has changed and the derivation must be looked at.
 */
export function openSdk(root: string): Sdk {
  const esm = join(root, 'esm')
  const tsProgram = ts.createProgram({
    rootNames: [join(esm, 'resources.d.ts')],
    options: {
      noLib: true,
      types: [],
      skipLibCheck: true,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ESNext,
    },
  })
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const apiVersion = /ApiVersion = '([^']+)'/.exec(
    readFileSync(join(esm, 'apiVersion.js'), 'utf8'),
  )?.[1]
  if (apiVersion === undefined) throw new Error('esm/apiVersion.js names no API version')
  if (typeof manifest !== 'object' || manifest === null || !('version' in manifest)) {
    throw new Error('package.json of stripe names no version')
  }
  return {
    version: String(manifest.version),
    apiVersion,
    checker: tsProgram.getTypeChecker(),
    typings(path) {
      const file = tsProgram.getSourceFile(join(esm, `${path}.d.ts`))
      if (!file) throw new Error(`The SDK has no typings esm/${path}.d.ts`)
      return file
    },
    program(path) {
      const name = join(esm, `${path}.js`)
      return ts.createSourceFile(name, readFileSync(name, 'utf8'), ts.ScriptTarget.Latest, true)
    },
  }
}

/** The class of a resource file: the one that extends `StripeResource`. */
export function resourceClass(file: ts.SourceFile): ts.ClassDeclaration {
  const found = file.statements.filter(
    (statement): statement is ts.ClassDeclaration =>
      ts.isClassDeclaration(statement) &&
      (statement.heritageClauses ?? []).some((clause) =>
        clause.getText(file).includes('StripeResource'),
      ),
  )
  if (found.length !== 1 || !found[0]) {
    throw new Error(`${file.fileName} has ${found.length} resource classes, not one`)
  }
  return found[0]
}

/** The symbol a file exports under `name`. */
export function exportedSymbol(sdk: Sdk, file: ts.SourceFile, name: string): ts.Symbol {
  const fileSymbol = sdk.checker.getSymbolAtLocation(file)
  const found =
    fileSymbol && sdk.checker.getExportsOfModule(fileSymbol).find((s) => s.name === name)
  if (!found) throw new Error(`${file.fileName} exports no ${name}`)
  return found
}
