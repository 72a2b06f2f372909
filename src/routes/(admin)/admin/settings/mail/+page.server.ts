import { fail, redirect } from '@sveltejs/kit'
import { ownerOnly, provenForm } from '#modules/accounts/server/index.ts'
import { sendTestMail } from '#modules/notifications/server/index.ts'
import { canonicalEmail } from '#modules/platform/email-address.ts'
import {
  db,
  inTransaction,
  runtime,
  seenMark,
  textField,
  useLimit,
} from '#modules/platform/server/index.ts'
import {
  domainOfSender,
  isOneCleanLine,
  passwordFor,
  smtpUrlOf,
} from '#modules/setup/entering-rules.ts'
import {
  enterMail,
  mailOverview,
  mailToTest,
  noteMailTest,
  shownMail,
} from '#modules/setup/server/index.ts'
import { takeUpSettings } from '#boot/server/settings-in-force.ts'
import { differing } from '../../../meanwhile.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  const owner = ownerOnly(event)
  const mail = await mailOverview(db())
  const { settings } = runtime()
  return {
    mail,
    seen: seenMark(shownMail(mail)),
    ownerEmail: owner.email,
    domain: domainOfSender(mail.from.text) ?? new URL(settings.origin).hostname,
    isRehearsal: settings.stripe.mode === 'rehearsal',
    notice: event.url.searchParams.get('notice'),
  }
}

/** A name or an address; no blanks, no signs that mean something in an address. */
const hostPattern = /^[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?$/i

const labels = { host: 'Server', port: 'Port', user: 'User name', from: 'From' } as const

export const actions: Actions = {
  async save(event) {
    const owner = ownerOnly(event)
    const { form } = await provenForm(event, 'payout')
    const values = {
      host: textField(form, 'host').trim(),
      port: textField(form, 'port').trim(),
      user: textField(form, 'user').trim(),
      from: textField(form, 'from').trim(),
      seen: textField(form, 'seen'),
    }
    const typed = textField(form, 'password')
    const errors: Record<string, string> = {}
    const port = Number(values.port)
    if (values.host !== '' && !hostPattern.test(values.host))
      errors.host = 'A mail server has a name such as smtp.example.com.'
    if (values.host !== '' && (!Number.isInteger(port) || port < 1 || port > 65_535))
      errors.port = 'A port is a number, mostly 587 or 465.'
    if (values.user.length > 300 || !isOneCleanLine(values.user))
      errors.user =
        'This cannot be a user name: it is too long, or holds signs that cannot be typed.'
    if (typed.length > 1_000 || !isOneCleanLine(typed))
      errors.password =
        'This cannot be a password: it is too long, or holds signs that cannot be typed.'
    if (
      values.from !== '' &&
      (!domainOfSender(values.from) || !isOneCleanLine(values.from) || values.from.length > 300)
    )
      errors.from =
        'Type an address, or a name with the address behind it: Mara <mara@example.com>.'
    if (Object.keys(errors).length > 0) return fail(400, { values, errors })
    const server = { host: values.host, port, user: values.user, password: typed }
    const password = passwordFor(server, (await mailToTest(db()))?.smtpUrl)
    if (password === undefined)
      return fail(400, {
        values,
        errors: {
          password:
            'Type the password: the one that is stored is for the former server, port and user name alone.',
        },
      })
    const smtpUrl = values.host === '' ? '' : smtpUrlOf({ ...server, password })
    const isEntered = await inTransaction((tx) =>
      enterMail(tx, owner, { smtpUrl, from: values.from }, values.seen || undefined),
    )
    if (!isEntered) {
      const stored = shownMail(await mailOverview(db()))
      return fail(409, {
        values: { ...values, seen: seenMark(stored) },
        errors: {},
        stored: differing(labels, stored, values),
      })
    }
    await takeUpSettings()
    redirect(303, '/admin/settings/mail?notice=saved')
  },

  async test(event) {
    const owner = ownerOnly(event)
    const to = canonicalEmail(owner.email)
    const known = await mailToTest(db())
    if (!known || !to) return fail(409, { errors: { host: 'Enter a mail server first.' } })
    const limit = await useLimit(
      { name: 'test mail', most: 20, windowSeconds: 3_600 },
      owner.memberId,
    )
    if (!limit.ok)
      return fail(429, { errors: { '': 'That were many tests. Try again in an hour.' } })
    const sent = await sendTestMail(db(), { ...known, to })
    await inTransaction((tx) => noteMailTest(tx, sent.ok ? to : undefined))
    return sent.ok
      ? { sentTo: to }
      : fail(502, { fault: sent.fault, refused: sent.words.slice(0, 500) })
  },
}
