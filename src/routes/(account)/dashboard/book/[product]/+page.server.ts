import { error, fail, redirect } from '@sveltejs/kit'
import { memberOnly } from '#modules/accounts/server/index.ts'
import {
  answersBefore,
  bookSession,
  serviceOf,
  sessionsOf,
  type SessionWish,
} from '#modules/booking/server/index.ts'
import { lengthWords, placeWords, policyWords } from '#modules/booking/service-words.ts'
import { answerField, readAnswers } from '#modules/catalog/answers.ts'
import { questionsFor } from '#modules/catalog/server/index.ts'
import { isId, newId } from '#modules/platform/ids.ts'
import { db, inTransaction, postedForm, textField } from '#modules/platform/server/index.ts'
import { siteIdentity } from '#modules/site/server/index.ts'
import { readChosen, refusalWords, timesToChoose, zoneOf } from '../../booking.server.ts'
import type { Actions, PageServerLoad, RequestEvent } from './$types'

export const load: PageServerLoad = async (event) => {
  const { service, sessions, memberId } = await bookable(event)
  const { productId, terms, title } = service
  const { timeZone } = await siteIdentity(db())
  const [view, questions, before] = await Promise.all([
    timesToChoose(productId, { zone: zoneOf(event.cookies, timeZone), month: undefined }),
    questionsFor(db(), [productId], 'booking'),
    answersBefore(db(), memberId, productId),
  ])
  return {
    service: {
      productId,
      title,
      minutes: terms.duration,
      length: lengthWords(terms.duration),
      place: placeWords(terms),
      policy: policyWords(terms),
    },
    left: sessions.granted - sessions.used,
    granted: sessions.granted,
    active: sessions.active && {
      id: sessions.active.id,
      startsAt: sessions.active.startsAt,
      endsAt: sessions.active.endsAt,
    },
    questions: questions.get(productId) ?? [],
    /** What was answered the last time, to be filled in again. */
    answered: Object.fromEntries(
      before.map(({ questionId, answer }) => [
        answerField(questionId),
        answer === 'Yes' ? 'yes' : answer,
      ]),
    ),
    view,
    shopZone: timeZone,
    key: newId(),
  }
}

export const actions: Actions = {
  /** Another month or date, for browsers without script: what was typed stays. */
  async look(event) {
    const { service } = await bookable(event)
    const form = await postedForm(event.request)
    return { ...(await asTyped(form, service.productId)), errors: {} as Record<string, string> }
  },

  async book(event) {
    const { service, memberId } = await bookable(event)
    const { productId } = service
    const form = await postedForm(event.request)
    const again = async (status: number, errors: Readonly<Record<string, string>>) =>
      fail(status, { ...(await asTyped(form, productId)), errors })
    const questions = (await questionsFor(db(), [productId], 'booking')).get(productId) ?? []
    const read = readAnswers(questions, (field) => textField(form, field))
    const { timeZone } = await siteIdentity(db())
    const { start, zone } = readChosen(form, timeZone)
    const key = textField(form, 'key')
    const errors = {
      ...(read.ok ? {} : read.errors),
      ...(start === undefined ? { start: 'Choose a date and a time.' } : {}),
      ...(isId(key) ? {} : { '': 'Please send the form once more.' }),
    }
    if (!read.ok || start === undefined || !isId(key)) return again(400, errors)
    const wish: SessionWish = {
      key,
      memberId,
      productId,
      startsAt: start,
      zone,
      answers: read.answers,
    }
    const booked = await inTransaction((tx) => bookSession(tx, wish))
    if (booked.ok) redirect(303, `/dashboard/appointments/${booked.appointment.id}?notice=booked`)
    switch (booked.reason) {
      case 'not_found':
      case 'no_service':
        return error(404, 'There is no page here.')
      case 'booked':
      case 'already_booked':
        return again(409, { '': 'You have an appointment already. Cancel or move that one first.' })
      case 'no_sessions':
        return again(409, { '': 'All sessions you bought are used.' })
      case 'key_taken':
        return again(409, { '': 'This form was sent before. Load the page again, please.' })
      case 'not_offered':
      case 'overlaps':
        return again(409, { start: refusalWords(booked.why) })
    }
  },
}

/** The service and what the member may book of it; to everybody else it is not there. */
async function bookable(event: RequestEvent) {
  const { memberId } = memberOnly(event)
  const { product } = event.params
  const [service, sessions] = await Promise.all([
    serviceOf(db(), product),
    sessionsOf(db(), memberId, [product]),
  ])
  const own = sessions.get(product)
  if (!service || !own) error(404, 'There is no page here.')
  return { service, sessions: own, memberId }
}

async function asTyped(form: FormData, productId: string) {
  const { timeZone } = await siteIdentity(db())
  const chosen = readChosen(form, timeZone)
  return {
    values: Object.fromEntries(
      [...form].flatMap(([name, value]) =>
        typeof value === 'string' ? [[name, value.slice(0, 5_000)] as const] : [],
      ),
    ) as Record<string, string>,
    date: chosen.date,
    start: chosen.start,
    view: await timesToChoose(productId, { zone: chosen.zone, month: chosen.month }),
  }
}
