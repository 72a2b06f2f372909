/**
 * Writes JSON compactly but one idea a line: whatever fits in 100 columns stands on one line, so a
 * change of the SDK shows as the few lines it touches.
 */
export function print(value: unknown, indent = ''): string {
  return printAt(value, indent, indent.length) + '\n'
}

const width = 100

function printAt(value: unknown, indent: string, column: number): string {
  const flat = inline(value)
  // One column is kept for the comma that may follow.
  if (column + flat.length < width || typeof value !== 'object' || value === null) return flat
  const deeper = `${indent}  `
  if (Array.isArray(value)) {
    const lines = value.map((item) => deeper + printAt(item, deeper, deeper.length))
    return `[\n${lines.join(',\n')}\n${indent}]`
  }
  const lines = Object.entries(value).map(([key, item]) => {
    const start = `${deeper}${JSON.stringify(key)}: `
    return start + printAt(item, deeper, start.length)
  })
  return `{\n${lines.join(',\n')}\n${indent}}`
}

function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(
      ([key, item]) => `${JSON.stringify(key)}: ${inline(item)}`,
    )
    return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
  }
  return JSON.stringify(value)
}
