/** The post somebody subscribes from, as its address is named in a query or a form; undefined for what is no address of a post. Pure. */
export function postToGoBackTo(slug: string | null): string | undefined {
  return slug !== null && /^[a-z0-9][a-z0-9-]{0,80}$/.test(slug) ? slug : undefined
}

/** The page of the plans with one of them chosen, and what else is on the way; '' and undefined stand for nothing. */
export function plansPath(
  planId: string,
  more: { readonly [name in 'code' | 'post' | 'notice']?: string | undefined },
): string {
  const query = new URLSearchParams({ plan: planId })
  for (const name of ['code', 'post', 'notice'] as const)
    if (more[name]) query.set(name, more[name])
  return `/plans?${query}#plan-${planId}`
}
