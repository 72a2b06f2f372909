import { cutText } from '#modules/platform/cut-text.ts'
import type { OwnerPost } from '#modules/content/types.ts'
import { postForm } from '#modules/content/schemas.ts'
import { textField } from '#modules/platform/server/index.ts'
import type { PostFields } from './post-fields.ts'

/** More than anybody ticks. */
const mostTicked = 101

/** What stands in the posted form. */
export function postedFields(form: FormData): PostFields {
  const text = (name: string, most = 2_000) => cutText(textField(form, name), most)
  const ticked = (name: string) =>
    form
      .getAll(name)
      .flatMap((value) => (typeof value === 'string' ? [value.slice(0, 100)] : []))
      .slice(0, mostTicked)
  return {
    title: text('title'),
    slug: text('slug'),
    author: text('author'),
    category: text('category'),
    bodyMd: text('bodyMd', 210_000),
    access: text('access'),
    anyPlan: text('anyPlan') === 'yes',
    plans: ticked('plans'),
    products: ticked('products'),
    seen: text('seen'),
  }
}

/** The same of what was kept while it was typed. */
export function keptFields(kept: Readonly<Record<string, string>>): PostFields {
  const words = (name: string) => (kept[name] ?? '').split(' ').filter(Boolean)
  return {
    title: kept.title ?? '',
    slug: kept.slug ?? '',
    author: kept.author ?? '',
    category: kept.category ?? '',
    bodyMd: kept.bodyMd ?? '',
    access: kept.access ?? 'free',
    anyPlan: kept.anyPlan === 'yes',
    plans: words('plans'),
    products: words('products'),
    seen: kept.seen ?? '',
  }
}

/** The same of what is saved. seen: its mark. */
export function savedFields(post: OwnerPost, seen: string): PostFields {
  const { title, slug, author, category, bodyMd, access } = post
  const openers = access.kind === 'premium' ? access : undefined
  return {
    title,
    slug,
    author,
    category,
    bodyMd,
    seen,
    access: access.kind,
    anyPlan: openers?.anyPlan ?? false,
    plans: openers?.planIds ?? [],
    products: openers?.productIds ?? [],
  }
}

/** Reads the form by its shape. */
export function readPost({ plans, products, ...fields }: PostFields) {
  const parsed = postForm.safeParse({ ...fields, planIds: plans, productIds: products })
  if (parsed.success) return { ok: true as const, post: parsed.data }
  const errors: Record<string, string> = {}
  for (const issue of parsed.error.issues) errors[String(issue.path[0] ?? '')] ??= issue.message
  return { ok: false as const, errors }
}
