import { error, fail, redirect } from '@sveltejs/kit'
import type { Actions, PageServerLoad } from './$types'
import { passkeyRefused, passkeysImpossible } from '#modules/accounts/factor-words.ts'
import { nextPath } from '#modules/accounts/next-path.ts'
import { passkeyNameForm, readForm, typed } from '#modules/accounts/schemas.ts'
import {
  addPasskey,
  askForProof,
  beginApp,
  checkNewPasskey,
  closeFactorHint,
  factorsOf,
  mayTrySecondFactor,
  memberOnly,
  ownerOnly,
  proofWish,
  provenForm,
  removeApp,
  removePasskey,
  renamePasskey,
  renewRecoveryCodes,
  requireFreshProof,
  takeNewPasskeyAnswer,
  thisPlace,
} from '#modules/accounts/server/index.ts'
import { isId } from '#modules/platform/ids.ts'
import { tooMany } from '#modules/accounts/too-many.ts'
import { db, inTransaction, postedForm, textField } from '#modules/platform/server/index.ts'
import { doneOf, doneWords, type SectionName } from './done.ts'

export const load: PageServerLoad = async (event) => {
  const actor = memberOnly(event)
  const [factors, asksForProof] = await Promise.all([
    factorsOf(db(), actor),
    proofWish(db(), actor),
  ])
  return {
    factors,
    isOwner: actor.kind === 'owner',
    asksForProof,
    takesPasskeys: thisPlace() !== undefined,
    passkeysImpossible,
    done: doneOf(event.url.searchParams.get('done')),
  }
}

function again(
  status: number,
  section: SectionName,
  errors: Readonly<Record<string, string>>,
  passkey = '',
) {
  return fail(status, { section, errors, passkey, recoveryCodes: undefined })
}

/** The codes are in this answer alone: nothing that could be opened again shows them. */
function shown(recoveryCodes: readonly string[]) {
  const errors: Readonly<Record<string, string>> = {}
  return { section: 'codes' as SectionName, errors, passkey: '', recoveryCodes }
}

function done(what: keyof typeof doneWords): never {
  redirect(303, `/dashboard/settings/security?done=${what}#${doneWords[what].section}`)
}

export const actions: Actions = {
  async beginApp(event) {
    const { proof } = await provenForm(event, 'factors')
    if (!(await inTransaction((tx) => beginApp(tx, proof)))) done('has-app')
    redirect(303, '/dashboard/settings/security/app')
  },

  async removeApp(event) {
    const { proof } = await provenForm(event, 'factors')
    await inTransaction((tx) => removeApp(tx, proof))
    done('no-app')
  },

  async addPasskey(event) {
    const proof = await requireFreshProof(event, 'factors')
    const form = await postedForm(event.request)
    const allowed = await mayTrySecondFactor(proof.actor.memberId, event.locals.network)
    if (!allowed.ok)
      return again(429, 'passkeys', {
        '': tooMany(event, 'There were many tries', allowed.retryAfterSeconds),
      })
    const read = readForm(passkeyNameForm, form)
    if (!read.ok) return again(400, 'passkeys', read.errors)
    const sent = textField(form, 'answer')
    const taken = await inTransaction((tx) => takeNewPasskeyAnswer(tx, sent, proof))
    const passkey = taken && (await checkNewPasskey(taken))
    if (!passkey) return again(400, 'passkeys', { '': passkeyRefused })
    const added = await inTransaction((tx) => addPasskey(tx, proof, passkey, read.values.name))
    if (!added.ok)
      return again(409, 'passkeys', {
        '':
          added.reason === 'known'
            ? 'This passkey is in use already.'
            : 'These are as many passkeys as an account can have. Remove one first.',
      })
    return added.recoveryCodes ? shown(added.recoveryCodes) : done('passkey')
  },

  async renamePasskey(event) {
    const actor = memberOnly(event)
    const form = await postedForm(event.request)
    const id = typed(form, 'passkey')
    const read = readForm(passkeyNameForm, form)
    if (!read.ok) return again(400, 'passkeys', read.errors, id)
    const { name } = read.values
    if (!isId(id) || !(await inTransaction((tx) => renamePasskey(tx, actor, id, name)))) gone()
    done('passkey-name')
  },

  async removePasskey(event) {
    const { form, proof } = await provenForm(event, 'factors')
    const id = typed(form, 'passkey')
    if (!isId(id) || !(await inTransaction((tx) => removePasskey(tx, proof, id)))) gone()
    done('no-passkey')
  },

  async newCodes(event) {
    const { proof } = await provenForm(event, 'factors')
    const codes = await inTransaction((tx) => renewRecoveryCodes(tx, proof))
    return codes ? shown(codes) : done('no-codes')
  },

  async askForProof(event) {
    ownerOnly(event)
    const { form, proof } = await provenForm(event, 'factors')
    const isWished = form.has('asks')
    await inTransaction((tx) => askForProof(tx, proof, isWished))
    done(isWished ? 'asks' : 'asks-not')
  },

  async closeHint(event) {
    const actor = ownerOnly(event)
    const next = nextPath(typed(await postedForm(event.request), 'next'), '/admin')
    await inTransaction((tx) => closeFactorHint(tx, actor))
    redirect(303, next)
  },
}

function gone(): never {
  error(404, 'There is no such passkey (any more).')
}
