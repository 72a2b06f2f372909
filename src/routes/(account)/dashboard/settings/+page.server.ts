import { fail, redirect } from '@sveltejs/kit'
import type { Actions, PageServerLoad, RequestEvent } from './$types'
import { codeProblemWords } from '#modules/accounts/code-words.ts'
import { passwordFault, passwordFaultWords } from '#modules/accounts/password-rules.ts'
import { pictureProblemWords } from '#modules/accounts/picture-rules.ts'
import type { FormErrors } from '#modules/accounts/form-errors.ts'
import {
  codeForm,
  emailChangeForm,
  nameForm,
  passwordChangeForm,
  readForm,
  typed,
} from '#modules/accounts/schemas.ts'
import {
  accountSettings,
  changeAvatar,
  changeEmail,
  changePassword,
  confirmItIsMe,
  discardAvatar,
  dropEmailChange,
  endOtherSessions,
  endSession,
  factorsOf,
  mayAskForCode,
  mayTryToSignIn,
  mayUploadPicture,
  memberOnly,
  provenForm,
  rename,
  requestEmailChange,
  requestSignInCode,
  sealPassword,
  sessionsOf,
  storeAvatar,
  visitorOf,
  writeSessionCookie,
  type EmailChange,
} from '#modules/accounts/server/index.ts'
import type { MemberActor } from '#modules/accounts/types.ts'
import { tooMany } from '#modules/accounts/too-many.ts'
import { newsletterWording } from '#modules/content/newsletter-words.ts'
import {
  hasPosts,
  joinNewsletter,
  leaveNewsletter,
  newsletterOf,
} from '#modules/content/server/index.ts'
import {
  db,
  discardBytes,
  inTransaction,
  postedForm,
  textField,
} from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { doneOf, doneWords, type SectionName } from './done.ts'

export const load: PageServerLoad = async (event) => {
  const actor = memberOnly(event)
  const [settings, sessions, factors, byMail, writes, site] = await Promise.all([
    accountSettings(db(), actor),
    sessionsOf(db(), actor),
    factorsOf(db(), actor),
    newsletterOf(db(), actor),
    hasPosts(db()),
    siteIdentity(db()),
  ])
  return {
    settings,
    sessions,
    protection: { hasApp: factors.app !== undefined, passkeys: factors.passkeys.length },
    posts: {
      since: byMail && !byMail.leftAt ? byMail.askedAt : undefined,
      hasBounced: byMail?.leftBy === 'bounce',
      isOffered: writes || byMail !== undefined,
      wording: newsletterWording(site.name),
    },
    done: doneOf(event.url.searchParams.get('done')),
  }
}

/** What stands in the form again, and where on the page. */
function again(
  status: number,
  section: SectionName,
  errors: FormErrors,
  values: { email?: string; name?: string } = {},
) {
  return fail(status, { section, errors, values })
}

/** Says so where it was done, after a redirect: reloading the page does nothing again. */
function done(what: keyof typeof doneWords): never {
  redirect(303, `/dashboard/settings?done=${what}#${doneWords[what].section}`)
}

export const actions: Actions = {
  async name(event) {
    const actor = memberOnly(event)
    const form = await postedForm(event.request)
    const read = readForm(nameForm, form)
    if (!read.ok) return again(400, 'name', read.errors, { name: typed(form, 'name') })
    await inTransaction((tx) => rename(tx, actor, read.values.name))
    done('name')
  },

  async posts(event) {
    const actor = memberOnly(event)
    const wants = textField(await postedForm(event.request), 'wants') === 'yes'
    const wording = newsletterWording((await siteIdentity(db())).name)
    await inTransaction((tx) =>
      wants
        ? joinNewsletter(tx, actor, { wording, where: 'settings' })
        : leaveNewsletter(tx, actor),
    )
    done(wants ? 'posts-on' : 'posts-off')
  },

  async picture(event) {
    const actor = memberOnly(event)
    const upload = (await postedForm(event.request)).get('picture')
    const refuse = (status: number, words: string) => again(status, 'picture', { picture: words })
    if (!(upload instanceof File) || upload.size === 0)
      return refuse(422, pictureProblemWords.empty)
    const allowed = await mayUploadPicture(actor.memberId)
    if (!allowed.ok)
      return refuse(429, tooMany(event, 'There were many pictures', allowed.retryAfterSeconds))
    const stored = await storeAvatar(new Uint8Array(await upload.arrayBuffer()))
    if (!stored.ok)
      return refuse(
        stored.reason === 'busy' || stored.reason === 'store_down' ? 503 : 422,
        pictureProblemWords[stored.reason],
      )
    await showAvatar(actor, stored.avatar)
    done('picture')
  },

  async removePicture(event) {
    const actor = memberOnly(event)
    await discardBytes(await inTransaction((tx) => changeAvatar(tx, actor, undefined)))
    done('no-picture')
  },

  async address(event) {
    const actor = memberOnly(event)
    const { form } = await provenForm(event, 'address')
    const values = { email: typed(form, 'email') }
    const read = readForm(emailChangeForm, form)
    if (!read.ok) return again(400, 'address', read.errors, values)
    const { email, password } = read.values
    if (email === actor.email)
      return again(400, 'address', { email: 'This is your address already.' }, values)
    const confirmation = await confirmed(event, actor, password)
    if (!confirmation.ok)
      return again(confirmation.status, 'address', { password: confirmation.words }, values)
    const allowed = await mayAskForCode(email, event.locals.network)
    if (!allowed.ok) {
      const words = tooMany(event, 'Many codes were asked for', allowed.retryAfterSeconds)
      return again(429, 'address', { '': words }, values)
    }
    const isAsked = await inTransaction((tx) => requestEmailChange(tx, confirmation.proof, email))
    if (!isAsked) return again(409, 'address', { password: changedMeanwhile }, values)
    done('code-sent')
  },

  async confirmAddress(event) {
    const actor = memberOnly(event)
    const read = readForm(codeForm, await postedForm(event.request))
    if (!read.ok) return again(400, 'address', read.errors)
    const allowed = await mayTryToSignIn(undefined, event.locals.network)
    if (!allowed.ok) {
      const words = tooMany(event, 'There were many tries', allowed.retryAfterSeconds)
      return again(429, 'address', { '': words })
    }
    const result = await inTransaction((tx) =>
      changeEmail(tx, actor, read.values.code, visitorOf(event)),
    )
    if (!result.ok) return again(400, 'address', { code: addressRefusal(result) })
    writeSessionCookie(event.cookies, result.session.token)
    done('address')
  },

  async keepAddress(event) {
    const actor = memberOnly(event)
    await inTransaction((tx) => dropEmailChange(tx, actor))
    done('kept')
  },

  async password(event) {
    const actor = memberOnly(event)
    const { form } = await provenForm(event, 'password')
    const read = readForm(passwordChangeForm, form)
    if (!read.ok) return again(400, 'password', read.errors)
    const { password, newPassword } = read.values
    const fault = passwordFault(newPassword, actor.email)
    if (fault) return again(400, 'password', { newPassword: passwordFaultWords[fault] })
    const confirmation = await confirmed(event, actor, password)
    if (!confirmation.ok)
      return again(confirmation.status, 'password', { password: confirmation.words })
    const sealed = await sealPassword(newPassword)
    const session = await inTransaction((tx) =>
      changePassword(tx, confirmation.proof, sealed, visitorOf(event)),
    )
    if (!session) return again(409, 'password', { password: changedMeanwhile })
    writeSessionCookie(event.cookies, session.token)
    done('password')
  },

  /** For who forgot the password: a code proves who it is instead. */
  async forgotten(event) {
    const actor = memberOnly(event)
    const allowed = await mayAskForCode(actor.email, event.locals.network)
    if (!allowed.ok) {
      const words = tooMany(event, 'Many codes were asked for', allowed.retryAfterSeconds)
      return again(429, 'password', { '': words })
    }
    const requestId = await inTransaction((tx) =>
      requestSignInCode(tx, { email: actor.email, nextPath: '/dashboard/settings#password' }),
    )
    redirect(303, `/sign-in/code?request=${requestId}`)
  },

  async endSession(event) {
    const actor = memberOnly(event)
    const id = typed(await postedForm(event.request), 'session')
    await inTransaction((tx) => endSession(tx, actor, id))
    done('session')
  },

  async endOthers(event) {
    const actor = memberOnly(event)
    await inTransaction((tx) => endOtherSessions(tx, actor))
    done('sessions')
  },
}

const changedMeanwhile = 'Your password was changed just now. Please try again with the new one.'

async function confirmed(event: RequestEvent, actor: MemberActor, password: string) {
  const allowed = await mayTryToSignIn(actor.email, event.locals.network)
  if (!allowed.ok) {
    const words = tooMany(event, 'There were many tries', allowed.retryAfterSeconds)
    return { ok: false, status: 429, words } as const
  }
  const proof = await confirmItIsMe(db(), actor, password)
  const words = 'This is not your present password.'
  return proof ? ({ ok: true, proof } as const) : ({ ok: false, status: 400, words } as const)
}

async function showAvatar(
  actor: MemberActor,
  avatar: Parameters<typeof discardAvatar>[0],
): Promise<void> {
  let old: readonly string[]
  try {
    old = await inTransaction((tx) => changeAvatar(tx, actor, avatar))
  } catch (error) {
    await discardAvatar(avatar)
    throw error
  }
  await discardBytes(old)
}

function addressRefusal(refusal: Extract<EmailChange, { ok: false }>): string {
  return refusal.reason === 'taken'
    ? 'Another account here has this address. Sign in with it, or write to us to join the two.'
    : codeProblemWords(refusal, 'Please enter your new address again.')
}
