import type { Params } from './params.ts'

export type Address = {
  city: string | null
  country: string | null
  line1: string | null
  line2: string | null
  postal_code: string | null
  state: string | null
}

export type Shipping = {
  address: Address
  name: string
  phone: string | null
  carrier?: string | null
  tracking_number?: string | null
}

export const NO_ADDRESS: Address = {
  city: null,
  country: null,
  line1: null,
  line2: null,
  postal_code: null,
  state: null,
}

/** The address given, laid over the one there was; undefined when none was given. */
export function addressOf(
  given: Params | undefined,
  before: Address | null = null,
): Address | undefined {
  if (given === undefined) return undefined
  const base = before ?? NO_ADDRESS
  const part = (name: keyof Address): string | null => {
    const value = given.settable(name)
    return value === undefined ? base[name] : value
  }
  return {
    city: part('city'),
    country: part('country'),
    line1: part('line1'),
    line2: part('line2'),
    postal_code: part('postal_code'),
    state: part('state'),
  }
}

export function shippingOf(given: Params | undefined): Shipping | undefined {
  if (given === undefined) return undefined
  return {
    address: addressOf(given.group('address')) ?? NO_ADDRESS,
    name: given.needText('name'),
    phone: given.text('phone') ?? null,
    ...(given.has('carrier') ? { carrier: given.text('carrier') ?? null } : {}),
    ...(given.has('tracking_number')
      ? { tracking_number: given.text('tracking_number') ?? null }
      : {}),
  }
}
