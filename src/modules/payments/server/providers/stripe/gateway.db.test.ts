import Stripe from 'stripe'
import { afterEach } from 'vitest'
import { useMoney } from '../../../../../../test/money.ts'
import { gatewayContract } from '../../../gateway.contract.ts'
import { currentBackend } from '../../backend.ts'
import { stripeGateway } from './gateway.ts'

const money = useMoney({ worker: false })
const signer = new Stripe('sk_test_only_for_signing')
let backendId = 0

afterEach(async () => {
  await money.sandbox.control.setChaos({})
})

gatewayContract('of Stripe', {
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
})
