import { error, fail, redirect } from '@sveltejs/kit'
import { ownerOnly, provenForm } from '#modules/accounts/server/index.ts'
import { isSameInterval, intervalName } from '#modules/memberships/interval.ts'
import { planAtStripeWords } from '#modules/memberships/plan-at-stripe.ts'
import { readNewPlan, readPlanWords, type PlanTerms } from '#modules/memberships/plan-form.ts'
import { planPrice, subscribersWords, trialWords } from '#modules/memberships/plan-words.ts'
import {
  askAgain,
  editPlan,
  listedPlan,
  liveCounts,
  makePlan,
  movesOfPlan,
  plans,
  plansPage,
  sendPlanNow,
  shownPlan,
  switchPlan,
  type ListedPlan,
} from '#modules/memberships/server/index.ts'
import { mirrorStanding } from '#modules/payments/server/index.ts'
import { turnLinks, turnOf } from '#modules/platform/paging.ts'
import {
  db,
  inTransaction,
  postedForm,
  seenMark,
  textField,
} from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { differing } from '../../meanwhile.ts'
import type { Actions, PageServerLoad } from './$types'
import { emptyPlan, planFields, postedPlan } from './plan-form.server.ts'

const home = '/admin/subscriptions'

export const load: PageServerLoad = async (event) => {
  ownerOnly(event)
  const query = event.url.searchParams
  const asked = query.get('plan') ?? ''
  const [site, page, chosen, all, standing, counts] = await Promise.all([
    siteIdentity(db()),
    plansPage(db(), turnOf(query)),
    asked === '' || asked === 'new' ? undefined : listedPlan(db(), asked),
    plans(db()),
    mirrorStanding(db()),
    liveCounts(db()),
  ])
  if (asked !== '' && asked !== 'new' && !chosen) gone()
  const moves = chosen ? await movesOfPlan(db(), chosen.id) : []
  // What an action is called, and what was done, are no part of where the list stands.
  const here = new URL(home, event.url)
  for (const name of ['older', 'newer']) {
    const id = query.get(name)
    if (id !== null) here.searchParams.set(name, id)
  }
  return {
    plans: page.rows.map((plan) => shownRow(plan, site.locale)),
    groups: [...new Set(all.map(({ group }) => group))],
    ...turnLinks(here, page),
    isNew: asked === 'new',
    empty: emptyPlan,
    chosen: chosen && {
      ...shownRow(chosen, site.locale),
      fields: planFields(chosen),
      seen: seenMark(shownPlan(chosen)),
      interval: intervalName(chosen.interval),
      openCheckouts: chosen.openCheckouts,
      moves: moves.map(({ move, to, progress }) => ({
        id: move.id,
        isOpen: move.finishedAt === undefined,
        isOff: move.state === 'called_off',
        price: planPrice(to, site.locale),
        startedAt: move.createdAt,
        moved: progress.states.moved ?? 0,
        failed: progress.failed,
      })),
      subscribers: chosen.counts.paying + chosen.counts.trying + chosen.counts.owing,
    },
    mirror: { ...counts, differing: standing.differing, comparedAt: standing.last?.finishedAt },
    done: query.get('done') ?? '',
  }
}

function shownRow(plan: ListedPlan, locale: string) {
  return {
    id: plan.id,
    title: plan.title,
    group: plan.group,
    price: planPrice(plan, locale),
    trial: trialWords(plan.trialDays),
    isEnabled: plan.isEnabled,
    isExample: plan.isExample,
    isArchivedThere: !plan.isEnabled && plan.atStripe?.closedThereAt !== undefined,
    people: subscribersWords(plan.counts, locale),
    atStripe: planAtStripeWords(plan.atStripe, plan.isEnabled),
  }
}

const none = {
  fields: undefined,
  errors: undefined,
  seen: undefined,
  stored: undefined,
  preview: undefined,
}

export const actions: Actions = {
  /** Shows what is about to be made, before it is: much of it never changes again. */
  async check(event) {
    ownerOnly(event)
    const form = await postedForm(event.request)
    const fields = postedPlan(form)
    if (textField(form, 'step') === 'edit') return { ...none, fields }
    const site = await siteIdentity(db())
    const read = readNewPlan(fields, site.currency)
    if (!read.ok) return fail(400, { ...none, fields, errors: read.problems })
    const { words, terms } = read
    return {
      ...none,
      fields,
      preview: {
        title: words.title,
        price: planPrice(terms, site.locale),
        trial: trialWords(words.trialDays),
        group: terms.group,
        tier: words.tier,
        tokens: words.tokenAllotment,
        besides: (await besides(terms)).map(({ title }) => title),
        interval: intervalName(terms.interval),
      },
    }
  },

  async make(event) {
    const owner = ownerOnly(event)
    const { form } = await provenForm(event, 'price')
    const fields = postedPlan(form)
    const { currency } = await siteIdentity(db())
    const read = readNewPlan(fields, currency)
    if (!read.ok) return fail(400, { ...none, fields, errors: read.problems })
    const made = await inTransaction((tx) => makePlan(tx, owner, read.words, read.terms))
    if (!made.ok)
      return fail(409, {
        ...none,
        fields,
        errors: { title: 'Five hundred plans are the most there can be.' },
      })
    await sendPlanNow(made.planId)
    redirect(303, `${home}?plan=${made.planId}&done=made`)
  },

  async edit(event) {
    const owner = ownerOnly(event)
    const id = chosenId(event)
    const form = await postedForm(event.request)
    const fields = postedPlan(form)
    const seen = textField(form, 'seen') || undefined
    const read = readPlanWords(fields)
    if (!read.ok) return fail(400, { ...none, fields, seen, errors: read.problems })
    const saved = await inTransaction((tx) => editPlan(tx, owner, id, read.words, seen))
    if (!saved.ok) {
      const plan = saved.reason === 'changed' ? await listedPlan(db(), id) : undefined
      if (!plan) gone()
      const stored = differing(editedLabels, planFields(plan), planFields(read.words))
      return fail(409, { ...none, fields, stored })
    }
    await sendPlanNow(id)
    redirect(303, `${home}?plan=${id}&done=saved`)
  },

  async switch(event) {
    const owner = ownerOnly(event)
    const id = chosenId(event)
    const isEnabled = textField(await postedForm(event.request), 'enabled') === 'yes'
    if (!(await inTransaction((tx) => switchPlan(tx, owner, id, isEnabled)))) gone()
    await sendPlanNow(id)
    redirect(303, `${home}?plan=${id}&done=${isEnabled ? 'enabled' : 'disabled'}`)
  },

  async retry(event) {
    ownerOnly(event)
    const id = chosenId(event)
    if (!(await inTransaction((tx) => askAgain(tx, id)))) gone()
    const isSent = await sendPlanNow(id)
    redirect(303, `${home}?plan=${id}&done=${isSent ? 'sent' : 'unsent'}`)
  },
}

const editedLabels = {
  title: 'Name',
  description: 'Description',
  trialDays: 'Trial',
  tokenAllotment: 'Tokens',
  tier: 'Tier',
}

/** Plans of the group that are open already and paid as often: one of each is what most shops want. */
async function besides({ group, interval }: PlanTerms) {
  const all = await plans(db())
  return all.filter(
    (plan) =>
      plan.isEnabled &&
      plan.group.toLowerCase() === group.toLowerCase() &&
      isSameInterval(plan.interval, interval),
  )
}

function chosenId({ url }: { readonly url: URL }): string {
  return url.searchParams.get('plan') ?? ''
}

function gone(): never {
  error(404, 'There is no such plan.')
}
