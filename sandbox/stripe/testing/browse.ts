/** A browser without script: it fills in forms by their test ids and follows where they lead. */
export type Tab = {
  url: string
  status: number
  headers: Headers
  html: string
  /** The text of the element with this test id; undefined when there is none. */
  textOf(testId: string): string | undefined
  /** What the element with this test id has in an attribute. */
  attributeOf(testId: string, name: string): string | undefined
  /**
   * Sends the page's form: what its fields hold, with the given ones typed over (by test id), and
   * the button pressed (by test id). Redirects are not followed.
   */
  submit(typed?: Readonly<Record<string, string>>, button?: string): Promise<Tab>
  /** Where the answer redirects to. */
  location: string | null
}

export async function visit(url: string, init: RequestInit = {}): Promise<Tab> {
  const answer = await fetch(url, { redirect: 'manual', ...init })
  const html = await answer.text()
  return {
    url,
    status: answer.status,
    headers: answer.headers,
    html,
    location: answer.headers.get('location'),
    textOf: (testId) => elementOf(html, testId)?.text,
    attributeOf: (testId, name) => attribute(elementOf(html, testId)?.tag ?? '', name),
    submit(typed = {}, button) {
      const form = /<form\b([^>]*)>([\s\S]*?)<\/form>/.exec(html)
      if (form === null) throw new Error(`There is no form on ${url}`)
      const fields = new URLSearchParams(fieldsOf(form[2] ?? '', typed, button))
      const action = new URL(unescaped(attribute(form[1] ?? '', 'action') ?? url), url)
      return visit(action.href, { ...init, method: 'POST', body: fields })
    },
  }
}

function fieldsOf(
  form: string,
  typed: Readonly<Record<string, string>>,
  button: string | undefined,
): [string, string][] {
  const fields: [string, string][] = []
  const chosenRadios = new Set(
    Object.keys(typed).filter((testId) => /type="radio"/.test(elementOf(form, testId)?.tag ?? '')),
  )
  for (const [, tag = ''] of form.matchAll(/<(input\b[^>]*)>/g)) {
    const name = attribute(tag, 'name')
    if (name === undefined) continue
    const testId = attribute(tag, 'data-testid') ?? ''
    if (attribute(tag, 'type') === 'radio') {
      const isChosen = chosenRadios.size > 0 ? chosenRadios.has(testId) : /\bchecked\b/.test(tag)
      if (isChosen) fields.push([name, unescaped(attribute(tag, 'value') ?? '')])
      continue
    }
    fields.push([name, typed[testId] ?? unescaped(attribute(tag, 'value') ?? '')])
  }
  for (const [, tag = '', options = ''] of form.matchAll(
    /<(select\b[^>]*)>([\s\S]*?)<\/select>/g,
  )) {
    const selected =
      /<option[^>]*value="([^"]*)"[^>]*\bselected/.exec(options) ??
      /<option[^>]*value="([^"]*)"/.exec(options)
    fields.push([
      attribute(tag, 'name') ?? '',
      typed[attribute(tag, 'data-testid') ?? ''] ?? selected?.[1] ?? '',
    ])
  }
  const pressed = button === undefined ? undefined : elementOf(form, button)?.tag
  const name = pressed === undefined ? undefined : attribute(pressed, 'name')
  if (pressed !== undefined && name !== undefined)
    fields.push([name, unescaped(attribute(pressed, 'value') ?? '')])
  return fields
}

function elementOf(html: string, testId: string): { tag: string; text: string } | undefined {
  const found = new RegExp(`<([a-z]+)([^>]*data-testid="${testId}"[^>]*)>([^<]*)`).exec(html)
  return found === null
    ? undefined
    : { tag: found[2] ?? '', text: unescaped(found[3] ?? '').trim() }
}

function attribute(tag: string, name: string): string | undefined {
  return new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1]
}

function unescaped(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}
