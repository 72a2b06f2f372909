import Stripe from 'stripe'
import { afterEach, expect, test } from 'vitest'
import { stripeItself, useMoney } from '../../../../../../test/money.ts'
import { gatewayContract, type OtherSide } from '../../../gateway.contract.ts'
import { subscriptionGatewayContract } from '../../../subscription-gateway.contract.ts'
import { currentBackend } from '../../backend.ts'
import { callFigures, type CallOutcome } from '../../call-figures.ts'
import { stripeGateway } from './gateway.ts'

const money = useMoney({ worker: false })
const signer = new Stripe('sk_test_only_for_signing')
let backendId = 0

afterEach(async () => {
  await money.sandbox.control.setChaos({})
})

const otherSide: OtherSide = {
  gateway: () => stripeGateway(backendId),
  async pay(session, email) {
    await money.sandbox.control.pay({ session, email })
  },
  async amid(fault, work) {
    await money.sandbox.control.setChaos({
      api: fault === 'rate_limited' ? { rate_limited: 1, retry_after_s: 1 } : { reset_after: 1 },
    })
    await work()
    await money.sandbox.control.setChaos({})
  },
  sign: (payload, secret) => signer.webhooks.generateTestHeaderString({ payload, secret }),
  async now() {
    backendId = (await currentBackend()).id
    return new Date((await money.sandbox.control.clock()).now_ms)
  },
}

gatewayContract('of Stripe', otherSide)
subscriptionGatewayContract('of Stripe', {
  ...otherSide,
  async subscribe(session, card) {
    const number = card === 'pays' ? '4242424242424242' : '4000000000000341'
    await money.sandbox.control.pay({ session, card: number })
  },
  async passTime(milliseconds) {
    await money.sandbox.control.advance(`${milliseconds}ms`)
  },
  async endByDate(id) {
    await stripeItself().subscriptions.update(id, { cancel_at: 'min_period_end' })
  },
})

test('each call of Stripe is counted by how it ended, for the metrics', async () => {
  const gateway = stripeGateway((await currentBackend()).id)
  const counted = (outcome: CallOutcome) =>
    callFigures().find((figure) => figure.outcome === outcome)?.count ?? Number.NaN
  const outcomes = ['ok', 'not_found', 'unreachable'] as const
  const since = await otherSide.now()
  const before = outcomes.map(counted)
  await gateway.listEvents({ since }, 1, 'person')
  await expect(gateway.readSession('cs_test_none', 'person')).rejects.toThrow()
  await money.sandbox.control.setChaos({ api: { error_before: 1 } })
  await expect(gateway.readSession('cs_test_none', 'person')).rejects.toThrow()
  expect(outcomes.map((outcome, at) => counted(outcome) - (before[at] ?? 0))).toEqual([1, 1, 1])
})
