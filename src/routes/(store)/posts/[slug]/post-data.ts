import type { PostView } from '#modules/content/types.ts'

interface Surroundings {
  readonly shop: string
  /** Of posts whose author is not named by themselves. */
  readonly owner: string
  readonly origin: string
}

/**
 * A post for search engines: schema.org BlogPosting. What is not free says so, and which part of the page stands for it, as Google asks
 * for subscription content (developers.google.com/search/docs/appearance/structured-data/paywalled-content).
 */
export function postData(post: PostView, { shop, owner, origin }: Surroundings): object {
  const url = `${origin}/posts/${post.slug}`
  return {
    '@context': 'https://schema.org',
    '@type': 'BlogPosting',
    headline: post.title,
    ...(post.description && { description: post.description }),
    url,
    mainEntityOfPage: url,
    image: [`${url}/picture.png`],
    datePublished: post.publishedAt.toISOString(),
    dateModified: post.updatedAt.toISOString(),
    author: { '@type': 'Person', name: post.author || owner },
    publisher: { '@type': 'Organization', name: shop },
    ...(post.category && { articleSection: post.category.title }),
    isAccessibleForFree: !post.isPremium,
    ...(post.isPremium && {
      hasPart: {
        '@type': 'WebPageElement',
        isAccessibleForFree: false,
        cssSelector: '.post-rest',
      },
    }),
  }
}
