import { expect, test } from 'vitest'
import { AuthenticatorApp } from '../../../../test/authenticator-app.ts'
import { emptyBeforeEach, passTime, useDatabase } from '../../../../test/database.ts'
import { mailsTo, newBrowser, setUpOwner, signUp } from '../../../../test/people.ts'
import type { MemberActor } from '../types.ts'
import { db, inTransaction } from '#modules/platform/server/index.ts'
import {
  actorOf,
  alarmLink,
  beginApp,
  changePassword,
  confirmApp,
  confirmItIsMe,
  factorsOf,
  itWasNotMe,
  pendingApp,
  provePassword,
  requestEmailChange,
  requireFreshProof,
  sealPassword,
  sweepAccounts,
  writeSessionCookie,
} from './index.ts'

useDatabase()
emptyBeforeEach()

const anna = 'anna@example.com'
const day = 86_400_000

const templates = async (email = anna) => (await mailsTo(email)).map((mail) => mail.template)

/** The token in the button of the newest mail of a kind. */
async function tokenMailed(template: string, email = anna): Promise<string> {
  const mail = (await mailsTo(email)).findLast((one) => one.template === template)
  const button = mail?.content.blocks.find((block) => block.kind === 'button')
  if (button?.kind !== 'button') throw new Error(`There is no ${template} to ${email}.`)
  return new URL(button.url).pathname.replace('/sign-in/not-me/', '')
}

async function giveApp(actor: MemberActor) {
  const fresh = await requireFreshProof(
    { locals: { actor }, url: new URL('http://shop.test/') },
    'factors',
  )
  await inTransaction((tx) => beginApp(tx, fresh))
  const pending = await pendingApp(db(), fresh, 'Shop')
  const code = await new AuthenticatorApp(pending?.secret ?? '').code()
  const added = await inTransaction((tx) => confirmApp(tx, fresh, code))
  if (!added.ok) throw new Error('The app was not taken.')
}

test('the first sign-in ever is told to nobody; one with a strange device is, with what to know it by', async () => {
  const { browser } = await signUp(anna)
  expect(await templates()).not.toContain('alarm_sign_in')
  await signUp(anna, browser)
  expect(await templates()).not.toContain('alarm_sign_in')

  const strange = newBrowser('198.51.100.23')
  await signUp(anna, strange)
  const mail = (await mailsTo(anna)).find((one) => one.template === 'alarm_sign_in')
  const said = JSON.stringify(mail?.content.blocks)
  expect(said).toContain('Firefox on Linux')
  expect(said).toContain('198.51.100.…')
  expect(said).not.toContain('198.51.100.23')
  await signUp(anna, strange)
  expect((await templates()).filter((name) => name === 'alarm_sign_in')).toHaveLength(1)
})

test('setting up the shop tells nobody; a device that somebody else uses is strange all the same', async () => {
  const owner = await setUpOwner()
  expect(await templates(owner.actor.email)).toEqual([])
  await signUp(anna)
  await signUp(anna, owner.browser)
  expect(await templates()).toContain('alarm_sign_in')
})

test('a change of password that begins the session anew is no new sign-in', async () => {
  const { actor, browser } = await signUp(anna)
  browser.cookies.delete('sundry_device')
  const confirmation = await confirmItIsMe(db(), actor, '')
  const sealed = await sealPassword('a quiet lamp in june')
  if (!confirmation) throw new Error('There was no password to ask for.')
  await inTransaction((tx) => changePassword(tx, confirmation, sealed, browser.visitor()))
  expect(await templates()).not.toContain('alarm_sign_in')
})

test('"this was not me" ends every session and forgets password and devices, once; only the mailbox opens the account', async () => {
  const mine = await signUp(anna)
  const confirmation = await confirmItIsMe(db(), mine.actor, '')
  const sealed = await sealPassword('a quiet lamp in june')
  if (!confirmation) throw new Error('There was no password to ask for.')
  const session = await inTransaction((tx) =>
    changePassword(tx, confirmation, sealed, mine.browser.visitor()),
  )
  writeSessionCookie(mine.browser, session?.token ?? '')
  const thief = await signUp(anna, newBrowser())
  const byThief = await confirmItIsMe(db(), thief.actor, '')
  if (byThief) await inTransaction((tx) => requestEmailChange(tx, byThief, 'thief@example.com'))

  const token = await tokenMailed('alarm_sign_in')
  // Scanners open links: nothing happens.
  for (let times = 0; times < 3; times++) expect(await alarmLink(db(), token)).toBe('open')
  expect(await actorOf(db(), thief.browser)).toBeDefined()

  expect(await inTransaction((tx) => itWasNotMe(tx, token))).toEqual({ ok: true, email: anna })
  expect(await actorOf(db(), thief.browser)).toBeUndefined()
  expect(await actorOf(db(), mine.browser)).toBeUndefined()
  expect(await provePassword(db(), { email: anna, password: 'a quiet lamp in june' })).toBe(
    undefined,
  )
  expect(await db().selectFrom('email_change').selectAll().execute()).toEqual([])
  expect(await alarmLink(db(), token)).toBe('used')
  expect(await inTransaction((tx) => itWasNotMe(tx, token))).toEqual({ ok: false, link: 'used' })
  const actions = await db().selectFrom('audit_entry').select('action').execute()
  expect(actions.map((row) => row.action)).toContain('member.disowned_sign_in')
})

test('pressed twice at once, the link works once', async () => {
  await signUp(anna)
  await signUp(anna, newBrowser())
  const token = await tokenMailed('alarm_sign_in')
  const results = await Promise.all([1, 2].map(() => inTransaction((tx) => itWasNotMe(tx, token))))
  expect(results.filter((result) => result.ok)).toHaveLength(1)
})

test('a first factor that a thief set up at a stolen session goes with the mailbox’s word, for three days', async () => {
  const { actor } = await signUp(anna)
  await giveApp(actor)
  const token = await tokenMailed('alarm_factor_added')
  await inTransaction((tx) => itWasNotMe(tx, token))
  expect((await factorsOf(db(), actor)).app).toBeUndefined()

  const again = await signUp(anna)
  await giveApp(again.actor)
  const late = await tokenMailed('alarm_factor_added')
  await passTime(3 * day)
  expect(await inTransaction((tx) => itWasNotMe(tx, late))).toEqual({ ok: false, link: 'expired' })
  expect((await factorsOf(db(), again.actor)).app).toBeDefined()
})

test('the owner’s factors never go with a mail', async () => {
  const owner = await setUpOwner()
  await giveApp(owner.actor)
  const token = await tokenMailed('alarm_factor_added', owner.actor.email)
  expect(await inTransaction((tx) => itWasNotMe(tx, token))).toMatchObject({ ok: true })
  expect((await factorsOf(db(), owner.actor)).app).toBeDefined()
})

test('made-up links are unknown; old links and devices are swept', async () => {
  await signUp(anna)
  await signUp(anna, newBrowser())
  for (const token of ['', 'A'.repeat(43)]) {
    expect(await alarmLink(db(), token)).toBe('unknown')
    expect(await inTransaction((tx) => itWasNotMe(tx, token))).toEqual({
      ok: false,
      link: 'unknown',
    })
  }
  await passTime(401 * day)
  expect(await inTransaction(sweepAccounts)).toMatchObject({ alarm_link: 1, known_device: 2 })
})
