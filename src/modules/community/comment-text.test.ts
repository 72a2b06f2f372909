import { expect, test } from 'vitest'
import { bareWords, commentHtml, linksIn } from './comment-text.ts'

test('markup in a comment is shown as the words it is [commerce 73]', () => {
  const html = commentHtml(
    `<script>alert(1)</script> <img src=x onerror="alert(1)"> <a href="javascript:alert(1)">x</a> &lt;b>`,
  )
  expect(html).toBe(
    '<p>&lt;script&gt;alert(1)&lt;/script&gt; &lt;img src=x onerror=&quot;alert(1)&quot;&gt; &lt;a href=&quot;javascript:alert(1)&quot;&gt;x&lt;/a&gt; &amp;lt;b&gt;</p>',
  )
})

test('paragraphs and lines stay as they were typed', () => {
  expect(commentHtml('One\ntwo\n\n\n  three  \n\n')).toBe('<p>One<br>two</p><p>three</p>')
})

test('an address becomes a link that passes nothing on, without the sign that ends its sentence', () => {
  const link = (url: string) => `<a href="${url}" rel="nofollow ugc noopener noreferrer">${url}</a>`
  expect(commentHtml('See https://example.com/a?b=1, please.')).toBe(
    `<p>See ${link('https://example.com/a?b=1')}, please.</p>`,
  )
  expect(commentHtml('(https://example.com/x)')).toBe(`<p>(${link('https://example.com/x')})</p>`)
  expect(commentHtml('https://example.com/x_(y)')).toBe(
    `<p>${link('https://example.com/x_(y)')}</p>`,
  )
})

test('no other scheme becomes a link, and no sign breaks out of one', () => {
  expect(commentHtml('javascript:alert(1) data:text/html,x //evil.example https://')).not.toContain(
    '<a',
  )
  expect(commentHtml('https://example.com/"onmouseover="alert(1)')).toBe(
    '<p><a href="https://example.com/" rel="nofollow ugc noopener noreferrer">https://example.com/</a>&quot;onmouseover=&quot;alert(1)</p>',
  )
  expect(commentHtml('https://example.com/&x=<b>')).toContain('href="https://example.com/&amp;x="')
})

test('links are counted with and without their scheme', () => {
  expect(linksIn('http://a.example www.b.example and c.example')).toBe(2)
})

test('the same words in another dress are the same', () => {
  expect(bareWords('Great   POST!!! ☺')).toBe(bareWords('great post'))
})
