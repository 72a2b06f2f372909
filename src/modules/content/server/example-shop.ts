import type { Tx } from '#modules/platform/server/index.ts'
import { examplePosts } from '../example-posts.ts'
import { datePublished } from './store.ts'
import { beginPost, editPost, publishPost } from './write.ts'

/** Writes the example posts, flagged. productIds: of the example products that open some of them, by title. */
export async function layOutExamplePosts(
  tx: Tx,
  productIds: ReadonlyMap<string, string>,
): Promise<void> {
  for (const post of examplePosts) {
    const { id, slug } = await beginPost(tx, 'system', { title: post.title, isExample: true })
    const opening = post.opensWith.flatMap((title) => productIds.get(title) ?? [])
    await editPost(tx, 'system', id, {
      title: post.title,
      slug,
      author: '',
      category: post.category,
      bodyMd: post.bodyMd,
      access:
        post.opensWith.length === 0
          ? { kind: 'free' }
          : { kind: 'premium', anyPlan: true, planIds: [], productIds: opening },
    })
    await publishPost(tx, 'system', id)
    await datePublished(tx, id, post.hoursAgo)
  }
}
