import { expect, test } from 'vitest'
import { renderMarkdown } from '#modules/platform/markdown.ts'
import { openTextOf, pictureLine, withSizes } from './pictures-in-text.ts'

const path = '/images/018f0000-0000-7000-8000-000000000000.webp'

test('what a picture shows may hold any sign', () => {
  for (const alt of ['Two tins', 'a [b] c', '](x)', '\\', '<b>', ''])
    expect(renderMarkdown(pictureLine(alt, path))).toContain(`<img src="${path}"`)
})

test('pictures keep their place while they load', () => {
  const sizes = new Map([[path, { width: 1280, height: 720 }]])
  const html = renderMarkdown(`${pictureLine('a', path)}\n\nwords`)
  expect(withSizes(html, sizes)).toContain(`<img src="${path}" width="1280" height="720" alt="a"`)
  expect(withSizes(html, new Map())).toBe(html)
})

test('of a premium post the open text is its teaser', () => {
  const bodyMd = 'open\n\n<!-- more -->\n\nshut'
  const premium = { kind: 'premium', anyPlan: true, planIds: [], productIds: [] } as const
  expect(openTextOf({ bodyMd, access: premium })).toBe('open')
  expect(openTextOf({ bodyMd, access: { kind: 'free' } })).toContain('shut')
})
