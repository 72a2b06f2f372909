import type { Page } from '@playwright/test'
import { cookieOf } from './people.ts'
import { ask, expectRefusal, form } from './raw-request.ts'
import { expect, test } from './shop.ts'
import { says } from './visits.ts'

// Other files know the shop as the program brings it.
test.use({ ownShop: 'changing clothes' })

const look = '/admin/settings/look'

/** What visitors see: the font the shop's name is set in. */
async function wears(page: Page, font: RegExp): Promise<void> {
  await page.goto('/')
  await expect(page.getByRole('heading', { level: 1 })).toHaveCSS('font-family', font)
}

test('a look is drafted, seen by its owner alone on desk and phone, published, and gone back from', async ({
  owner,
  stranger,
}) => {
  test.setTimeout(120_000)
  const visitor = await stranger()
  await wears(visitor, /Newsreader/)

  // Every choice is saved as it is made, and the frames show it.
  await owner.goto(look)
  await expect(owner.getByText('The shop wears this')).toBeVisible()
  await owner.getByRole('radio', { name: 'Fraunces and Figtree', exact: true }).check()
  await expect(owner.getByText('Draft, seen by you alone')).toBeVisible()
  await owner.getByRole('radio', { name: 'Very round', exact: true }).check()
  for (const place of ['desk', 'phone'])
    await expect(
      owner.frameLocator(`iframe[title$="on a ${place}"]`).getByRole('heading', { level: 1 }),
    ).toHaveCSS('font-family', /Fraunces/, { timeout: 15_000 })
  await owner.reload()
  await expect(owner.getByRole('radio', { name: 'Very round', exact: true })).toBeChecked()
  await wears(visitor, /Newsreader/)

  // The front page: a section is added, filled, moved up and put on a ground of its own; another is hidden.
  await owner.getByRole('link', { name: 'Front page' }).click()
  await owner.getByLabel('Add a section').selectOption('Questions and answers')
  await owner.getByRole('button', { name: 'Add it' }).click()
  await owner
    .getByRole('textbox', { name: 'Questions and answers' })
    .fill('Can I print it?\nAs often as you like.\n\nAnd <b>sell</b> it?\nNo.')
  await owner.getByRole('button', { name: 'Save the draft' }).click()
  const row = (name: string) => owner.getByRole('listitem').filter({ hasText: name })
  await row('Questions and answers')
    .getByRole('button', { name: /^Move .* up/ })
    .click()
  await expect(
    owner
      .getByRole('listitem')
      .filter({ has: owner.locator('h3') })
      .locator('h3'),
  ).toHaveText(['Opening', 'Everything on sale', 'Questions and answers', 'About you'])
  await row('Questions and answers').getByRole('button', { name: 'Brand' }).click()
  await expect(row('Questions and answers').getByRole('button', { name: 'Brand' })).toHaveAttribute(
    'aria-pressed',
    'true',
  )
  await owner.getByRole('button', { name: 'Hide About you' }).click()
  await expect(owner.getByRole('button', { name: 'Show About you' })).toBeVisible()
  await visitor.goto('/')
  await expect(visitor.getByRole('heading', { name: /^About/ })).toBeVisible()

  await owner.getByRole('link', { name: 'Look at it and publish' }).click()
  await says(owner, 'Questions and answers: new on the front page')
  await says(owner, 'Corners: as the look has it becomes Very round')
  await owner.getByRole('button', { name: 'Publish' }).click()
  await says(owner, 'Published.')

  await wears(visitor, /Fraunces/)
  await visitor.getByText('Can I print it?').click()
  await expect(visitor.getByText('As often as you like.')).toBeVisible()
  await expect(visitor.getByText('And <b>sell</b> it?')).toBeVisible()
  await expect(visitor.getByRole('heading', { name: /^About/ })).toHaveCount(0)

  // Earlier looks: the one before can be worn again, at once.
  await owner.goto(`${look}/history`)
  await owner.getByRole('button', { name: 'Go back to this one' }).click()
  await says(owner, 'Questions and answers: taken off the front page')
  await owner.getByRole('button', { name: 'Go back', exact: true }).click()
  await says(owner, 'Published.')
  await wears(visitor, /Newsreader/)
  await expect(visitor.getByRole('heading', { name: /^About/ })).toBeVisible()
})

test('what is chosen and opened before the script has come stays, and is saved', async ({
  owner,
}) => {
  let release: (() => void) | undefined
  const released = new Promise<void>((resolve) => (release = resolve))
  await owner.route('**/_app/**/*.js', async (route) => {
    await released
    await route.continue()
  })
  await owner.goto(look, { waitUntil: 'commit' })
  await owner.getByText('Room, head and paper').click()
  await owner.getByRole('radio', { name: 'Cool', exact: true }).check()
  await expect(owner.getByText('The shop wears this')).toBeVisible()
  release?.()
  await expect(owner.getByText('Draft, seen by you alone')).toBeVisible({ timeout: 15_000 })
  await expect(owner.getByRole('radio', { name: 'Cool', exact: true })).toBeChecked()
  await expect(owner.getByRole('radio', { name: 'Cool', exact: true })).toBeVisible()

  // A choice made while another one is being saved is saved after it.
  const choice = (name: string) => owner.getByRole('radio', { name, exact: true })
  await owner.route('**/look*', async (route) => {
    if (route.request().method() === 'POST') await expect(choice('Square')).toBeChecked()
    await route.continue()
  })
  await choice('Fraunces and Figtree').check()
  await choice('Square').check()
  await expect(owner.getByRole('button', { name: 'Save the draft' })).not.toHaveAttribute(
    'aria-busy',
  )
  await owner.reload()
  await owner.getByText('Room, head and paper').click()
  for (const name of ['Cool', 'Fraunces and Figtree', 'Square'])
    await expect(choice(name)).toBeChecked()
  await owner.goto(`${look}/publish`)
  await owner.getByText('Drop the draft', { exact: true }).first().click()
  await owner.getByRole('dialog').getByRole('button', { name: 'Drop it' }).click()
  await says(owner, 'The shop wears this')
})

test('the same without script, and a draft that is dropped', async ({ owner, stranger }) => {
  const plain = await stranger({
    javaScriptEnabled: false,
    storageState: await owner.context().storageState(),
  })
  const visitor = await stranger({ javaScriptEnabled: false })
  await plain.goto(look)
  await plain.getByLabel('Brand colour', { exact: true }).fill('brick')
  await plain.getByRole('button', { name: 'Save the draft' }).click()
  await says(plain, 'A colour is written as #')
  await plain.getByLabel('Brand colour', { exact: true }).fill('#1f5fa8')
  await plain.getByRole('radio', { name: 'Archivo and Hanken Grotesk', exact: true }).check()
  await plain.getByRole('radio', { name: 'Side by side', exact: true }).check()
  await plain.getByRole('button', { name: 'Save the draft' }).click()
  await says(plain, 'Draft, seen by you alone')

  await plain.goto(`${look}/front`)
  await plain.getByLabel('Add a section').selectOption('A quote')
  await plain.getByRole('button', { name: 'Add it' }).click()
  await plain.getByLabel('What was said').fill('Kept me going in February.')
  await plain.getByLabel('Who said it').fill('Yuki Tanaka')
  await plain.getByRole('button', { name: 'Save the draft' }).click()
  await plain.getByRole('button', { name: 'Move A quote up' }).click()
  await plain.getByRole('button', { name: 'Hide About you' }).click()
  await plain.getByRole('link', { name: 'Look at it and publish' }).click()
  await plain.getByRole('button', { name: 'Publish' }).click()
  await says(plain, 'Published.')
  await wears(visitor, /Archivo/)
  await expect(visitor.getByText('Kept me going in February.')).toBeVisible()

  // Begun anew, as a draft; then dropped, and nothing has changed.
  await plain.goto(`${look}/history`)
  await plain.getByRole('button', { name: 'Draft the usual look' }).click()
  await says(plain, 'A quote: taken off the front page')
  await plain.goto('/?look=draft')
  await says(plain, 'A draft that you alone see.')
  await plain.goto(`${look}/publish`)
  await plain.getByText('Drop the draft', { exact: true }).first().click()
  await plain.locator('form[action="?/drop"]').getByRole('button').first().click()
  await says(plain, 'The shop wears this')
  await wears(visitor, /Archivo/)
})

test('a draft shows itself to nobody else, and the forms of the look refuse in words what they do not know', async ({
  shop,
  owner,
}) => {
  const cookie = await cookieOf(owner)
  const post = (path: string, fields: Readonly<Record<string, string>>) =>
    ask(shop.port, form(shop.port, path, fields, { cookie }))
  const good = { brandColour: '#e6007e', paper: 'cool', look: 'night', fonts: 'bricolage' }
  expect((await post(look, good)).status).toBe(303)

  // Only the owner, and only the owner's own page, may frame it; it is never kept.
  const address = '/?look=draft'
  const seen = await ask(shop.port, { path: address, headers: { cookie } })
  expect(seen.text).toContain('Bricolage Display')
  expect(seen.headers['cache-control']).toBe('private, no-store')
  expect(seen.headers['content-security-policy']).toContain("frame-ancestors 'self'")
  const others = await ask(shop.port, { path: address })
  expect(others.text).not.toContain('Bricolage Display')
  expect(others.headers['content-security-policy']).toContain("frame-ancestors 'none'")
  const ordinary = await ask(shop.port, { path: '/', headers: { cookie } })
  expect(ordinary.text).not.toContain('Bricolage Display')
  expect(ordinary.headers['content-security-policy']).toContain("frame-ancestors 'none'")

  for (const [field, value] of [
    ['fonts', 'Comic Sans'],
    ['fonts', "x';}</style><script>"],
    ['roundness', '50%'],
    ['hero', 'carousel'],
    ['look', '__proto__'],
    ['brandColour', 'red;}body{display:none'],
    ['density', '\u0000'],
  ] as const)
    expectRefusal(await post(look, { ...good, [field]: value }), `${field} = ${value}`, [400])
  // Filled in before somebody else changed it.
  expectRefusal(await post(look, { ...good, look: 'soft', seen: '0' }), 'an old tab', [409])
  expectRefusal(
    await post(look, { ...good, look: 'soft', seen: '<b>' }),
    'a mark that is none',
    [409],
  )
  expectRefusal(await post(`${look}/publish?/publish`, { seen: '0' }), 'an old preview', [409])
  expectRefusal(await post(`${look}/publish?/publish`, {}), 'no preview', [409])

  const front = `${look}/front`
  for (const [action, fields, status] of [
    ['add', { kind: 'opening' }, 400],
    ['add', { kind: '__proto__' }, 400],
    ['move', { section: 'range', move: 'sideways' }, 400],
    ['move', { section: 'opening', move: 'later' }, 409],
    ['hide', { section: 'opening' }, 409],
    ['hide', { section: "'; drop table site; --" }, 404],
    ['ground', { section: 'about', ground: 'glass' }, 400],
    ['remove', { section: 'range' }, 409],
    ['remove', { section: 'nobody' }, 404],
  ] as const)
    expectRefusal(
      await post(`${front}?/${action}`, fields),
      `${action} ${JSON.stringify(fields)}`,
      [status],
    )
  expectRefusal(
    await post(`${front}/about`, { title: 'x'.repeat(121), body: '' }),
    'a long heading',
    [400],
  )
  expectRefusal(await post(`${front}/nobody`, { title: 'x', body: '' }), 'no section', [404])
  for (let number = 0; number < 12; number++) await post(`${front}?/add`, { kind: 'words' })
  expectRefusal(await post(`${front}?/add`, { kind: 'words' }), 'one too many', [409])
  for (const number of ['', '-1', '9'.repeat(30), 'x'])
    expectRefusal(await post(`${look}/history?/wear`, { number }), `look ${number}`, [400])
  expectRefusal(await post(`${look}/history?/wear`, { number: '999999' }), 'no such look', [404])
  expect((await ask(shop.port, { path: '/', headers: { cookie } })).status).toBe(200)

  // Nobody but the owner is let near it.
  for (const path of [look, front, `${look}/publish`, `${look}/history`]) {
    expect((await ask(shop.port, { path })).status, path).not.toBe(200)
    expect((await ask(shop.port, form(shop.port, path, good))).status, path).not.toBe(200)
  }
})
