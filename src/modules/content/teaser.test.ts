import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { renderTeaser, teaserOf, teaserWords, wholeOf } from './teaser.ts'

const many = (word: string, count: number) => Array.from({ length: count }, () => word).join(' ')

describe('a text with a break', () => {
  const text = 'Open *words*.\n\n<!-- more -->\n\nSecret words.'

  test('is open up to it, and whole without it', () => {
    expect(teaserOf(text)).toEqual({ bodyMd: 'Open *words*.', cut: '' })
    expect(renderTeaser(teaserOf(text))).toBe('<p>Open <em>words</em>.</p>\n')
    expect(wholeOf(text)).toBe('Open *words*.\n\n\n\nSecret words.')
  })

  test('opens nothing where the break stands first', () => {
    expect(teaserOf('<!--more-->\nSecret')).toEqual({ bodyMd: '', cut: '' })
  })

  test('only the first break counts, in whatever letters; none of them is shown', () => {
    const twice = 'One\n\n<!-- MORE -->\n\nTwo\n\n<!-- more -->\n\nThree'
    expect(teaserOf(twice).bodyMd).toBe('One')
    expect(wholeOf(twice)).not.toContain('more')
  })

  test('thousands of breaks take no time', () => {
    expect(wholeOf('<!-- more -->\n'.repeat(7_000)).trim()).toBe('')
  })

  test('a break in a block of code is code', () => {
    const code = '```html\n<!-- more -->\n```\n\nOpen\n\n<!-- more -->\n\nSecret'
    expect(teaserOf(code).bodyMd).toBe('```html\n<!-- more -->\n```\n\nOpen')
    expect(wholeOf(code)).toContain('<!-- more -->')
  })
})

describe('a text without a break', () => {
  test('shows a third of its words, whole paragraphs first', () => {
    const text = [many('one', 10), many('two', 10), many('three', 40)].join('\n\n')
    expect(teaserOf(text)).toEqual({
      bodyMd: `${many('one', 10)}\n\n${many('two', 10)}`,
      cut: '',
    })
  })

  test('and never more than 120 of them', () => {
    const { bodyMd, cut } = teaserOf(many('word', 1_000))
    expect(bodyMd).toBe('')
    expect(cut.split(' ')).toHaveLength(120)
  })

  test('cuts no word and no link: the paragraph in which it ends is plain words', () => {
    const { bodyMd, cut } = teaserOf(
      `A [long link of words](https://example.com/secret-path) and ${many('more', 8)}`,
    )
    expect(bodyMd).toBe('')
    expect(cut).toBe('A long link of')
    expect(renderTeaser({ bodyMd, cut })).toBe('<p>A long link of …</p>\n')
  })

  test('does not end with the heading of what is not shown', () => {
    expect(teaserOf(`${many('open', 5)}\n\n## Next\n\n- ${many('item', 20)}`).bodyMd).toBe(
      many('open', 5),
    )
  })

  test('a very short text has no teaser rather than being one', () => {
    expect(teaserOf('Two words')).toEqual({ bodyMd: '', cut: '' })
    expect(teaserOf('')).toEqual({ bodyMd: '', cut: '' })
  })

  test('counts words also where no spaces stand between them', () => {
    const cut = teaserOf('今日はとても良い天気ですね。'.repeat(30)).cut
    expect(cut.length).toBeGreaterThan(20)
    expect(cut.length).toBeLessThan(300)
  })

  test('escapes the words it cuts', () => {
    const { cut } = teaserOf(`\`<script>\` & ${many('word', 10)}`)
    expect(renderTeaser({ bodyMd: '', cut })).toBe('<p>&lt;script&gt; &amp; word word …</p>\n')
  })
})

test('whatever stands around it: what ends a text, or stands below the break, is never in the teaser', () => {
  const piece = fc.constantFrom(
    '## Heading',
    'Some words in a paragraph.',
    '- one\n- two\n- three',
    '> a quote',
    '```\ncode\n```',
    '[a link](https://example.com)',
    '| a | b |\n|---|---|\n| c | d |',
    '~~~\nopen fence',
    '1. numbered',
    '<div>',
    '***',
  )
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 8 }),
      fc.array(piece, { maxLength: 8 }),
      (before, after) => {
        const text = [...before, ...after, 'SECRET'].join('\n\n')
        const marked = [...before, '<!-- more -->', 'SECRET', ...after].join('\n\n')
        const half = teaserOf(text)
        const shown = renderTeaser(half) + teaserWords(half)
        expect(shown).not.toContain('SECRET')
        const split = teaserOf(marked)
        // In code that was never closed the break is code.
        if (!before.some((one) => one.startsWith('~~~')))
          expect(renderTeaser(split) + teaserWords(split)).not.toContain('SECRET')
      },
    ),
    { numRuns: 200 },
  )
})
