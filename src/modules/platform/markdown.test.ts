import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isLinkAllowed, markdownToText, renderMarkdown } from './markdown.ts'

/** The tags that the renderer may write at all; anything else would have come from the text. */
const allowedTag =
  /^<\/?(?:p|h[2-6]|ul|ol|li|em|strong|s|code|pre|blockquote|hr|br|a|img|table|thead|tbody|tr|th|td)(?:\s(?:class|href|rel|title|src|alt|loading|start|style)="[^"<>]*")*\s*\/?>$/

function tagsOf(html: string): string[] {
  return html.match(/<[^>]*>/g) ?? []
}

const attacks = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<svg/onload=alert(1)>',
  '<iframe src="https://evil.example"></iframe>',
  '<a href="javascript:alert(1)">a</a>',
  '[a](javascript:alert(1))',
  '[a](JaVaScRiPt:alert(1))',
  '[a](java\tscript:alert(1))',
  '[a](&#106;avascript:alert(1))',
  '[a](&#x6A;avascript&colon;alert(1))',
  '[a](\u0001javascript:alert(1))',
  '[a](vbscript:msgbox)',
  '[a](data:text/html;base64,PHNjcmlwdD4=)',
  '[a](data:image/svg+xml,<svg onload=alert(1)>)',
  '[a](file:///etc/passwd)',
  '[a](//evil.example)',
  '[a](/\\evil.example)',
  '[a](/\t/evil.example)',
  '[a][r]\n\n[r]: javascript:alert(1)',
  '<javascript:alert(1)>',
  '![x](https://evil.example/pixel.gif)',
  '![x](data:image/png;base64,AAAA)',
  '![x](/images/../admin)',
  '![x](/images/018f0000-0000-7000-8000-000000000000.webp" onerror="alert(1))',
  '![a](/images/x.webp "t\\" onerror=\\"alert(1)")',
  '```"><script>alert(1)</script>\ncode\n```',
  '[a](https://ok.example "x\\" onmouseover=\\"alert(1)")',
  '| <script>x</script> |\n|---|\n| <img src=x onerror=1> |',
  '<style>*{display:none}</style>',
  '<!-- --><script>alert(1)</script>',
]

describe('a text that attacks', () => {
  test.each(attacks)('%j is rendered inert', (attack) => {
    const html = renderMarkdown(attack)
    for (const tag of tagsOf(html)) expect(tag).toMatch(allowedTag)
    for (const [, address] of html.matchAll(/(?:href|src)="([^"]*)"/g))
      expect(address).toMatch(/^(?:https?:\/\/|mailto:|\/(?![/\\])|#)/)
    expect(html).not.toMatch(/<img[^>]+src="https?:/)
  })

  test(
    'whatever is typed, only the known tags come out and every address is an allowed one',
    { timeout: 30_000 },
    () => {
      const piece = fc.oneof(
        fc.constantFrom(
          ...attacks,
          '[',
          ']',
          '(',
          ')',
          '!',
          '<',
          '>',
          '"',
          "'",
          '`',
          '|',
          '\n',
          '&#',
        ),
        fc.string({ maxLength: 12, unit: 'binary' }),
      )
      fc.assert(
        fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
          const html = renderMarkdown(pieces.join(''))
          for (const tag of tagsOf(html)) expect(tag).toMatch(allowedTag)
        }),
        { numRuns: 100 },
      )
    },
  )

  test('deep nesting does not take the renderer down', () => {
    expect(() => renderMarkdown('> '.repeat(5_000) + 'x')).not.toThrow()
    expect(() => renderMarkdown('['.repeat(20_000))).not.toThrow()
    expect(() => renderMarkdown('*a '.repeat(10_000))).not.toThrow()
  })

  test('a text beyond every column is refused', () => {
    expect(() => renderMarkdown('x'.repeat(200_001))).toThrow(RangeError)
  })
})

describe('a text for a product page', () => {
  test('headings go below the page’s own', () => {
    expect(renderMarkdown('# One\n\n###### Six')).toBe('<h2>One</h2>\n<h6>Six</h6>\n')
    expect(renderMarkdown('# One', { topHeading: 3 })).toBe('<h3>One</h3>\n')
    // Most people begin with "##": no level is left out on the page.
    expect(renderMarkdown('## One\n\n### Two')).toBe('<h2>One</h2>\n<h3>Two</h3>\n')
  })

  test('links to elsewhere pass on nothing, own ones stay plain', () => {
    expect(renderMarkdown('[a](https://example.com/x)')).toBe(
      '<p><a href="https://example.com/x" rel="nofollow noopener noreferrer">a</a></p>\n',
    )
    expect(renderMarkdown('[terms](/pages/terms)')).toBe(
      '<p><a href="/pages/terms">terms</a></p>\n',
    )
    expect(renderMarkdown('see https://example.com')).toContain('<a href="https://example.com"')
  })

  test('own pictures are shown, foreign ones become their description', () => {
    const own = '/images/018f0000-0000-7000-8000-000000000000.webp'
    expect(renderMarkdown(`![Two *tins*](${own})`)).toBe(
      `<p><img src="${own}" alt="Two tins" loading="lazy"></p>\n`,
    )
    expect(renderMarkdown('![Two *tins*](https://elsewhere.example/a.png)')).toBe(
      '<p>Two tins</p>\n',
    )
  })
})

describe('the words of a text', () => {
  test('come without marks and end at a word', () => {
    expect(markdownToText('# A *book*\n\nof [tea](/x) and ![milk](/y)', 100)).toBe(
      'A book of tea and milk',
    )
    expect(markdownToText('one two three four', 12)).toBe('one two…')
    expect(markdownToText('', 10)).toBe('')
    expect(markdownToText('🦊🦊🦊🦊', 6)).toBe('🦊🦊…')
  })
})

test.each([
  ['https://example.com', true],
  ['http://example.com', true],
  ['mailto:a@example.com', true],
  ['/pages/terms', true],
  ['#part', true],
  ['HTTPS://EXAMPLE.COM', true],
  ['javascript:alert(1)', false],
  ['//example.com', false],
  ['/\\example.com', false],
  ['https:///x', false],
  ['https://\\x', false],
  ['ftp://example.com', false],
  ['tel:1', false],
  ['page', false],
  ['', false],
])('the address %j may stand in a link: %s', (address, allowed) => {
  expect(isLinkAllowed(address)).toBe(allowed)
})
