import { expect, test } from 'vitest'
import { renderMail } from './mail-frame.ts'

const identity = {
  shopName: 'Paper & Pine',
  origin: 'https://shop.test',
  accent: '#8a3b1e',
  onAccent: '#ffffff',
}

test('what people typed stands as text in both parts', () => {
  const { html, text } = renderMail(
    'Hello <b>',
    {
      preheader: '"quoted"',
      heading: '<script>alert(1)</script>',
      blocks: [
        { kind: 'text', text: 'A & B <img src=x onerror=alert(1)>' },
        { kind: 'button', label: 'Open', url: 'https://shop.test/?a=1&b="2"' },
        { kind: 'code', code: '123456' },
        { kind: 'table', rows: [{ label: 'Total', value: '€12.00', strong: true }] },
      ],
      footnote: 'Order 1001',
    },
    identity,
  )
  expect(html).not.toMatch(/<script>alert|<img src=x/)
  expect(html).toContain('&#60;script&#62;alert(1)')
  expect(html).toContain('href="https://shop.test/?a=1&#38;b=&#34;2&#34;"')
  expect(text).toContain('<script>alert(1)</script>')
  expect(text).toContain('Open:\nhttps://shop.test/?a=1&b="2"')
  expect(text).toContain('Total: €12.00')
  expect(html.length).toBeLessThan(102_000)
})
