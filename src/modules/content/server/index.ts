export {
  hasPosts,
  newestPostsFor,
  postCards,
  postCategories,
  postFor,
  searchPosts,
} from './serve.ts'
export { layOutExamplePosts } from './example-shop.ts'
export {
  beginPost,
  deletePost,
  deletePostForGood,
  dropTyped,
  editPost,
  keepTyped,
  ownerPost,
  ownerPosts,
  postSeen,
  publishDuePosts,
  publishPost,
  removeExamplePosts,
  restorePost,
  sweepPosts,
  typedIn,
  unpublishPost,
} from './write.ts'
export { dropFeed, feedKey, makeFeed, readerOfFeed } from './feeds.ts'
export {
  addPostPicture,
  mostPostPictures,
  pictureFor,
  postPictures,
  removePostPicture,
} from './pictures.ts'
export { removeCategory, renameCategory } from './categories.ts'
export { categoriesWithCounts } from './store.categories.ts'
export { allCategories, type OwnerState } from './store.ts'
