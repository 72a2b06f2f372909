import type { PortalConfiguration, PortalFeatures } from './objects/portal.ts'
import type { Params } from './params.ts'
import type { Work } from './work.ts'
import { invalidRequest, notInSandbox } from '../api-error.ts'
import { FEEDBACK } from './objects/subscription.ts'
import { orKeep } from './params.ts'

const PRORATION = ['always_invoice', 'create_prorations', 'none'] as const

const CUSTOMER_PARTS = ['address', 'email', 'name', 'phone', 'shipping', 'tax_id'] as const

const UPDATES = ['price', 'promotion_code', 'quantity'] as const

/** What a portal offers when nothing was said: cards, invoices, and an end at the period's end. */
const USUAL: PortalFeatures = {
  customer_update: { allowed_updates: ['email', 'name'], enabled: true },
  invoice_history: { enabled: true },
  payment_method_update: { enabled: true, payment_method_configuration: null },
  subscription_cancel: {
    cancellation_reason: { enabled: false, feedback_options: null, options: [...FEEDBACK] },
    enabled: true,
    mode: 'at_period_end',
    proration_behavior: 'none',
  },
  subscription_pause: {
    duration: { interval_options: [], type: 'indefinite' },
    enabled: false,
  },
  subscription_update: {
    billing_cycle_anchor: null,
    default_allowed_updates: [],
    enabled: false,
    proration_behavior: 'none',
    schedule_at_period_end: { conditions: [] },
    trial_update_behavior: 'end_trial',
  },
}

const NOTHING: PortalFeatures = {
  ...USUAL,
  customer_update: { allowed_updates: [], enabled: false },
  invoice_history: { enabled: false },
  payment_method_update: { enabled: false, payment_method_configuration: null },
  subscription_cancel: { ...USUAL.subscription_cancel, enabled: false },
}

/** The configuration of sessions that name none: made when it is first needed. */
export async function defaultConfiguration(work: Work): Promise<PortalConfiguration> {
  const page = await work.list('billing_portal.configuration', {
    limit: 1,
    conditions: [{ path: ['is_default'], is: true }],
  })
  return page.data[0] ?? makeConfiguration(work, USUAL, { is_default: true })
}

export function makeConfiguration(
  work: Work,
  features: PortalFeatures,
  facts: Partial<PortalConfiguration>,
): PortalConfiguration {
  const made = work.put('billing_portal.configuration', {
    id: work.id('bpc'),
    object: 'billing_portal.configuration',
    active: true,
    application: null,
    business_profile: { headline: null, privacy_policy_url: null, terms_of_service_url: null },
    created: work.now,
    default_return_url: null,
    features,
    is_default: false,
    livemode: false,
    login_page: { enabled: false, url: null },
    metadata: {},
    name: null,
    updated: work.now,
    ...facts,
  })
  work.emit('billing_portal.configuration.created', made)
  return made
}

/** What the parameters of a configuration say, laid over what was. */
export async function configured(
  work: Work,
  params: Params,
  before: Pick<
    PortalConfiguration,
    'business_profile' | 'default_return_url' | 'features' | 'metadata' | 'name'
  >,
): Promise<typeof before> {
  if (params.group('login_page')?.flag('enabled') === true)
    throw notInSandbox('The login page of the portal', 'login_page[enabled]')
  const profile = params.group('business_profile')
  return {
    business_profile: {
      headline: orKeep(profile?.settable('headline', 60), before.business_profile.headline),
      privacy_policy_url: orKeep(
        profile?.settable('privacy_policy_url'),
        before.business_profile.privacy_policy_url,
      ),
      terms_of_service_url: orKeep(
        profile?.settable('terms_of_service_url'),
        before.business_profile.terms_of_service_url,
      ),
    },
    default_return_url: orKeep(params.settable('default_return_url'), before.default_return_url),
    features: await featuresOf(work, params.group('features'), before.features),
    metadata: params.metadata(before.metadata),
    name: orKeep(params.settable('name'), before.name),
  }
}

export function nothingOffered(): PortalFeatures {
  return NOTHING
}

async function featuresOf(
  work: Work,
  given: Params | undefined,
  before: PortalFeatures,
): Promise<PortalFeatures> {
  if (given === undefined) return before
  if (given.group('subscription_pause')?.flag('enabled') === true)
    throw notInSandbox('Pausing in the portal', given.path('subscription_pause'))
  const customer = given.group('customer_update')
  const cancel = given.group('subscription_cancel')
  const reason = cancel?.group('cancellation_reason')
  const card = given.group('payment_method_update')
  if (card?.has('payment_method_configuration') === true)
    throw notInSandbox('A payment method configuration', card.path('payment_method_configuration'))
  return {
    ...before,
    customer_update: {
      allowed_updates: words(
        customer?.texts('allowed_updates'),
        CUSTOMER_PARTS,
        before.customer_update.allowed_updates,
      ),
      enabled: customer?.flag('enabled') ?? before.customer_update.enabled,
    },
    invoice_history: {
      enabled: given.group('invoice_history')?.flag('enabled') ?? before.invoice_history.enabled,
    },
    payment_method_update: {
      enabled: card?.flag('enabled') ?? before.payment_method_update.enabled,
      payment_method_configuration: null,
    },
    subscription_cancel: {
      cancellation_reason: {
        enabled: reason?.flag('enabled') ?? before.subscription_cancel.cancellation_reason.enabled,
        feedback_options: null,
        options: words(
          reason?.texts('options'),
          FEEDBACK,
          before.subscription_cancel.cancellation_reason.options,
        ),
      },
      enabled: cancel?.flag('enabled') ?? before.subscription_cancel.enabled,
      mode:
        cancel?.choice('mode', ['at_period_end', 'immediately'] as const) ??
        before.subscription_cancel.mode,
      proration_behavior:
        cancel?.choice('proration_behavior', PRORATION) ??
        before.subscription_cancel.proration_behavior,
    },
    subscription_update: await updateOf(
      work,
      given.group('subscription_update'),
      before.subscription_update,
    ),
  }
}

async function updateOf(
  work: Work,
  given: Params | undefined,
  before: PortalFeatures['subscription_update'],
): Promise<PortalFeatures['subscription_update']> {
  if (given === undefined) return before
  if ((given.group('schedule_at_period_end')?.groups('conditions') ?? []).length > 0)
    throw notInSandbox('Scheduling changes of the portal', given.path('schedule_at_period_end'))
  const enabled = given.flag('enabled') ?? before.enabled
  const products = given.has('products')
    ? await productsOf(work, given.groups('products') ?? [])
    : before.products
  if (enabled && (products ?? []).length === 0)
    throw invalidRequest('Say which products can be changed to.', {
      code: 'parameter_missing',
      param: given.path('products'),
    })
  return {
    ...before,
    billing_cycle_anchor:
      given.choice('billing_cycle_anchor', ['now', 'unchanged'] as const) ??
      before.billing_cycle_anchor,
    default_allowed_updates: words(
      given.texts('default_allowed_updates'),
      UPDATES,
      before.default_allowed_updates,
    ),
    enabled,
    ...(products === undefined ? {} : { products }),
    proration_behavior: given.choice('proration_behavior', PRORATION) ?? before.proration_behavior,
    trial_update_behavior:
      given.choice('trial_update_behavior', ['continue_trial', 'end_trial'] as const) ??
      before.trial_update_behavior,
  }
}

async function productsOf(
  work: Work,
  given: readonly Params[],
): Promise<NonNullable<PortalFeatures['subscription_update']['products']>> {
  const products = []
  for (const entry of given) {
    const prices = entry.texts('prices') ?? []
    for (const [at, id] of prices.entries()) {
      const price = await work.named('price', id, entry.path(`prices][${at}`))
      if (price.recurring === null || price.product !== entry.text('product'))
        throw invalidRequest(`The price ${id} is not a recurring one of this product.`, {
          param: entry.path('prices'),
        })
    }
    products.push({
      adjustable_quantity: { enabled: false, maximum: null, minimum: 1 },
      prices,
      product: entry.needText('product'),
    })
  }
  return products
}

function words<Word extends string>(
  given: readonly string[] | undefined,
  known: readonly Word[],
  before: readonly Word[],
): readonly Word[] {
  return given === undefined ? before : known.filter((word) => given.includes(word))
}
