import type { Operation } from './operation.ts'
import type { PortalConfiguration, PortalFlow, PortalSession } from './objects/portal.ts'
import type { Params } from './params.ts'
import type { Work } from './work.ts'
import { invalidRequest, notInSandbox } from '../api-error.ts'
import { isEnded } from './billing/subscription.ts'
import { liveCustomer } from './customer.ts'
import { equals, listOperation } from './lists.ts'
import { pathParam } from './operation.ts'
import {
  configured,
  defaultConfiguration,
  makeConfiguration,
  nothingOffered,
} from './portal-configuration.ts'

/** How long a portal's address opens to whoever has not yet used it. */
const UNUSED_SECONDS = 300

export const portalOperations: readonly Operation[] = [
  {
    route: 'POST /v1/billing_portal/configurations',
    async write(work, params) {
      const features = nothingOffered()
      const facts = await configured(work, params, {
        business_profile: {
          headline: null,
          privacy_policy_url: null,
          terms_of_service_url: null,
        },
        default_return_url: null,
        features,
        metadata: {},
        name: null,
      })
      return makeConfiguration(work, facts.features, facts)
    },
  },
  {
    route: 'GET /v1/billing_portal/configurations/{configuration}',
    read: (reading, _params, path) =>
      reading.atPath(
        'billing_portal.configuration',
        pathParam(path, 'configuration'),
        'configuration',
      ),
  },
  {
    route: 'POST /v1/billing_portal/configurations/{configuration}',
    async write(work, params, path) {
      const before = await work.atPath(
        'billing_portal.configuration',
        pathParam(path, 'configuration'),
        'configuration',
      )
      const active = params.flag('active') ?? before.active
      if (!active && before.is_default)
        throw invalidRequest('The default configuration cannot be deactivated.', {
          param: 'active',
        })
      return work.update(
        'billing_portal.configuration',
        'billing_portal.configuration.updated',
        before,
        {
          ...before,
          ...(await configured(work, params, before)),
          active,
          updated: work.now,
        },
      )
    },
  },
  listOperation('/v1/billing_portal/configurations', 'billing_portal.configuration', [
    equals('active'),
    equals('is_default'),
  ]),
  {
    route: 'POST /v1/billing_portal/sessions',
    write: (work, params) => createSession(work, params),
  },
]

async function createSession(work: Work, params: Params): Promise<PortalSession> {
  for (const name of ['after_expiration', 'customer_account', 'on_behalf_of'])
    if (params.has(name)) throw notInSandbox(`\`${name}\` of a portal session`, name)
  const customer = await liveCustomer(work, params.needText('customer'), 'customer')
  const named = params.text('configuration')
  const configuration =
    named === undefined
      ? await defaultConfiguration(work)
      : await work.named('billing_portal.configuration', named, 'configuration')
  if (!configuration.active)
    throw invalidRequest('The configuration is not active.', { param: 'configuration' })
  const returnUrl = params.text('return_url') ?? configuration.default_return_url
  if (returnUrl !== null && !/^https?:\/\//.test(returnUrl))
    throw invalidRequest('Invalid URL: An explicit scheme (such as https) must be provided.', {
      code: 'url_invalid',
      param: 'return_url',
    })
  const door = work.id('door').slice('door_'.length)
  const session = work.put('billing_portal.session', {
    id: work.id('bps'),
    object: 'billing_portal.session',
    configuration: configuration.id,
    created: work.now,
    customer: customer.id,
    customer_account: null,
    flow: await flowOf(work, params.group('flow_data'), customer.id, configuration),
    livemode: false,
    locale: params.text('locale') ?? null,
    on_behalf_of: null,
    return_url: returnUrl,
    url: `${work.settings.publicUrl}/p/session/${door}`,
  })
  work.put('_portal_door', {
    id: door,
    object: '_portal_door',
    created: work.now,
    session: session.id,
    closesAt: work.now + UNUSED_SECONDS,
    wasUsed: false,
    isDone: false,
  })
  work.emit('billing_portal.session.created', session)
  return session
}

async function flowOf(
  work: Work,
  given: Params | undefined,
  customer: string,
  { features }: PortalConfiguration,
): Promise<PortalFlow | null> {
  if (given === undefined) return null
  const type = given.text('type') ?? ''
  const known = [
    'payment_method_update',
    'subscription_cancel',
    'subscription_update',
    'subscription_update_confirm',
  ] as const
  const flow = known.find((one) => one === type)
  if (flow === undefined) throw notInSandbox(`The portal flow \`${type}\``, 'flow_data[type]')
  const feature = flow === 'subscription_update_confirm' ? 'subscription_update' : flow
  if (!features[feature].enabled)
    throw invalidRequest(
      `This flow is not enabled: turn on \`features[${feature}][enabled]\` in the configuration.`,
      { param: 'flow_data[type]' },
    )
  const part = given.group(flow)
  if (flow !== 'payment_method_update') await ownSubscription(work, part, customer, flow)
  if (part?.has('retention') === true)
    throw notInSandbox('A retention offer', part.path('retention'))
  if ((part?.groups('discounts') ?? []).length > 0)
    throw notInSandbox('Discounts of a portal flow', 'flow_data[discounts]')
  const subscription = part?.text('subscription') ?? ''
  return {
    after_completion: afterCompletion(given.group('after_completion')),
    customer_update: null,
    subscription_cancel: flow === 'subscription_cancel' ? { retention: null, subscription } : null,
    subscription_pause: null,
    subscription_update: flow === 'subscription_update' ? { subscription } : null,
    subscription_update_confirm:
      flow === 'subscription_update_confirm'
        ? {
            discounts: null,
            items: (part?.groups('items') ?? []).map((item) => ({
              id: item.needText('id'),
              price: item.text('price') ?? null,
              ...(item.has('quantity') ? { quantity: item.integer('quantity') ?? 1 } : {}),
            })),
            subscription,
          }
        : null,
    type: flow,
  }
}

async function ownSubscription(
  work: Work,
  part: Params | undefined,
  customer: string,
  flow: string,
): Promise<void> {
  const param = `flow_data[${flow}][subscription]`
  const subscription = await work.named('subscription', part?.needText('subscription') ?? '', param)
  if (subscription.customer !== customer || isEnded(subscription))
    throw invalidRequest('The subscription is over, or of another customer.', { param })
  if (flow === 'subscription_cancel' && subscription.cancel_at !== null)
    throw invalidRequest('The subscription is already set to be canceled.', { param })
}

function afterCompletion(given: Params | undefined): PortalFlow['after_completion'] {
  const type =
    given?.choice('type', ['hosted_confirmation', 'portal_homepage', 'redirect'] as const) ??
    'portal_homepage'
  return {
    hosted_confirmation:
      type === 'hosted_confirmation'
        ? { custom_message: given?.group('hosted_confirmation')?.text('custom_message') ?? null }
        : null,
    redirect:
      type === 'redirect'
        ? { return_url: given?.group('redirect')?.needText('return_url') ?? '' }
        : null,
    type,
  }
}
