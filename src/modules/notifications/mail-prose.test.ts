import { expect, test } from 'vitest'
import { renderMarkdown } from '#modules/platform/markdown.ts'
import { proseHtml, proseText } from './mail-prose.ts'

const clothes = { fonts: 'f', serif: 's', ink: '#111111', muted: '#222222', line: '#333333' }
const text = `# Head

Words with **weight**, a [link](https://example.com/a?b=1&c=2) and <b>no markup</b>.

- one
- two

> Said & done

![A pear](/images/018f0000-0000-7000-8000-000000000001.webp)`

test('each tag of a text brings its look, and nothing else changes', () => {
  const html = renderMarkdown(text)
  const dressed = proseHtml(html, clothes)
  expect(dressed).toContain('<p class="ink" style="margin:0 0 16px;')
  expect(dressed).toContain('<h2 class="ink" style=')
  expect(dressed).toContain('&lt;b&gt;no markup&lt;/b&gt;')
  expect(dressed.replaceAll(/ class="ink" style="[^"]*"/g, '')).toBe(html)
})

test('the plain part says the same, with addresses and what pictures show', () => {
  const plain = proseText(renderMarkdown(text))
  expect(plain).toBe(
    [
      'Head',
      'Words with weight, a link (https://example.com/a?b=1&c=2) and <b>no markup</b>.',
      '- one\n- two',
      'Said & done',
      '[A pear]',
    ].join('\n\n'),
  )
})
