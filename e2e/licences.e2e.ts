import { payOnSandbox } from './hosted-page.ts'
import { ask } from './raw-request.ts'
import { expect, test, type Shop } from './shop.ts'
import { isDelivered, pressBuy, says, signInByCode } from './visits.ts'

/** Asks as software does: from nowhere, without a browser. */
async function askAbout(shop: Shop, act: string, fields: Record<string, string>) {
  const answer = await ask(Number(new URL(shop.origin).port), {
    method: 'POST',
    path: `/api/licences/${act}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://app.example' },
    body: new URLSearchParams(fields).toString(),
  })
  // The fields of docs/licences.md.
  const told = JSON.parse(answer.text) as { valid: boolean; reason: string; activations: number }
  return { ...told, status: answer.status, headers: answer.headers }
}

test('keys: the owner switches them on, a buyer finds one, software takes a seat, both can end it [commerce 36]', async ({
  owner,
  stranger,
  mailbox,
  shop,
}) => {
  await owner.goto('/admin/products')
  await owner
    .getByRole('link', { name: /Tidemarks/ })
    .first()
    .click()
  const section = owner.getByRole('region', { name: 'Licence keys' })
  await owner.waitForLoadState('networkidle')
  await section.getByLabel('Buyers get a licence key').check()
  await section.getByLabel('Seats for each one bought').fill('2')
  await section.getByLabel('Prefix').fill('tide')
  await section.getByRole('button', { name: 'Save' }).click()
  await says(owner, 'Saved')
  await section.getByRole('link', { name: /addresses, answers/ }).click()
  await says(owner, '/api/licences/activate')

  const buyer = await stranger()
  await pressBuy(buyer, 'tidemarks')
  await payOnSandbox(buyer, { email: 'keys@example.com' })
  await isDelivered(buyer, /Tidemarks/)
  const key = (await buyer.getByTestId('licence-key').textContent()) ?? ''
  expect(key).toMatch(/^TIDE(-[0-9A-Z]{5}){4}$/)
  await says(buyer, '0 of 2 seats in use')
  expect((await mailbox.mail('keys@example.com', /receipt/i)).text).toContain(key)

  expect(await askAbout(shop, 'verify', { key, product: 'tidemarks' })).toMatchObject({
    status: 200,
    valid: true,
    headers: { 'access-control-allow-origin': '*' },
  })
  for (const [instance, name] of [
    ['one', 'Studio computer'],
    ['two', 'Laptop'],
    ['one', 'Studio computer'],
  ])
    expect(
      await askAbout(shop, 'activate', { key, instance: instance ?? '', name: name ?? '' }),
    ).toMatchObject({ valid: true })
  expect(await askAbout(shop, 'activate', { key, instance: 'three' })).toMatchObject({
    valid: false,
    reason: 'no_seats',
    activations: 2,
  })

  // On the page of the purchase, which the receipt's link opens for a guest.
  await buyer.reload()
  await says(buyer, '2 of 2 seats in use')
  await buyer.getByRole('button', { name: 'Let go of Laptop' }).click()
  await says(buyer, '1 of 2 seats in use')
  expect(await askAbout(shop, 'verify', { key, instance: 'two' })).toMatchObject({
    reason: 'not_activated',
  })

  // Among what they bought.
  await signInByCode(buyer, mailbox, 'keys@example.com')
  await buyer
    .getByRole('link', { name: /Tidemarks/ })
    .first()
    .click()
  await expect(buyer.getByTestId('licence-key')).toHaveText(key)
  await buyer.getByRole('button', { name: 'Let go of Studio computer' }).click()
  await says(buyer, '0 of 2 seats in use')

  await askAbout(shop, 'activate', { key, instance: 'four', name: 'Somewhere' })
  await owner.goto('/admin/orders?q=keys@example.com')
  await owner.getByRole('link', { name: /#/ }).first().click()
  await expect(owner.getByTestId('licence-key')).toHaveText(key)
  await owner.getByRole('button', { name: 'End Somewhere' }).click()
  await says(owner, 'The seat is free again')
  expect(await askAbout(shop, 'verify', { key, instance: 'four' })).toMatchObject({
    reason: 'not_activated',
    activations: 0,
  })
})

test('software from anywhere is answered in one shape; what is not a question is refused in words', async ({
  shop,
}) => {
  const port = Number(new URL(shop.origin).port)
  const path = '/api/licences/verify'
  const json = { 'content-type': 'application/json' }
  const preflight = await ask(port, {
    method: 'OPTIONS',
    path,
    headers: { origin: 'https://app.example', 'access-control-request-method': 'POST' },
  })
  expect([preflight.status, preflight.headers['access-control-allow-headers']]).toEqual([
    204,
    'content-type',
  ])
  const posted = (body: string, headers: Record<string, string> = json, to = path) =>
    ask(port, { method: 'POST', path: to, headers, body })
  const asked = await Promise.all([
    posted('{"key":"nonsense"}'),
    posted('key=nonsense', { 'content-type': 'application/x-www-form-urlencoded' }),
    posted('{"key":'),
    posted('[]'),
    posted('null'),
    posted('{"key":{}}'),
    posted('key=x', { 'content-type': 'text/csv' }),
    posted('', {}),
    posted('{"key":"nonsense"}', json, '/api/licences/destroy'),
    ask(port, { path }),
    ask(port, { path: `${path}?key=nonsense`, method: 'DELETE' }),
  ])
  expect(asked.map((one) => one.status)).toEqual([
    200, 200, 400, 400, 400, 400, 400, 400, 404, 405, 405,
  ])
  const shapes = new Set(
    asked.map((one) => {
      expect(one.headers['access-control-allow-origin']).toBe('*')
      return Object.keys(JSON.parse(one.text) as object).join()
    }),
  )
  expect(shapes.size).toBe(1)
  expect((await posted(`{"key":"${'x'.repeat(9_000)}"}`)).status).toBe(413)
  // Nowhere else may a foreign page's form write.
  const elsewhere = await posted(
    'email=a@example.com',
    {
      'content-type': 'application/x-www-form-urlencoded',
      origin: 'https://app.example',
    },
    '/sign-in',
  )
  expect(elsewhere.status).toBe(403)
})
