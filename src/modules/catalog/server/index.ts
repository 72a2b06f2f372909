export {
  addQuestion,
  editQuestion,
  limitPerOrder,
  moveQuestion,
  questionsFor,
  rememberQuestion,
  removeQuestion,
  type QuestionResult,
  type QuestionWords,
} from './ask-buyers.ts'
export { acting } from './acting.ts'
export {
  coversOf,
  offersOf,
  partsOf,
  productKindsInStore,
  productTitles,
  searchProducts,
  storeProduct,
  storeProducts,
  type ProductPage,
} from './browse.ts'
export {
  createProduct,
  deleteProduct,
  duplicateProduct,
  editProduct,
  removeExampleProducts,
  type DeleteResult,
  type EditResult,
  type ProductText,
} from './edit-product.ts'
export { imageFile, ownerProduct, ownerProducts, type OwnerProductPage } from './look-after.ts'
export {
  addPicture,
  describePicture,
  removePicture,
  reorderPictures,
  type PictureResult,
} from './pictures.ts'
export { discardImage, prepareImage, type PrepareImageResult } from './prepare-image.ts'
export {
  deleteUnusedImages as dropImages,
  insertImage as keepImage,
  type PreparedImage,
} from './store.images.ts'
export {
  archiveProduct,
  missingToPublish,
  publishProduct,
  restoreProduct,
  type PublishResult,
} from './product-state.ts'
export { makeOwn } from './own-examples.ts'
export { setPrice, type SetPriceResult } from './set-price.ts'
export { removeTaxRate, setTaxRate, taxFor, taxRates, type SetTaxResult } from './taxes.ts'
export { wordsSeen } from './words-seen.ts'
