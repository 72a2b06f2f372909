import { error, fail, redirect, type RequestEvent } from '@sveltejs/kit'
import { imageLimits, imageProblemWords } from '#modules/catalog/image-rules.ts'
import { ownerOnly } from '#modules/accounts/server/index.ts'
import { discardImage, prepareImage } from '#modules/catalog/server/index.ts'
import {
  addPostPicture,
  mostPostPictures,
  removePostPicture,
} from '#modules/content/server/index.ts'
import { uploadProblemWords } from '#modules/downloads/upload-words.ts'
import { cutText } from '#modules/platform/cut-text.ts'
import { oneLine } from '#modules/platform/plain-text.ts'
import {
  discardBytes,
  inTransaction,
  log,
  postedForm,
  StorageUnavailableError,
  textField,
} from '#modules/platform/server/index.ts'

type Event = RequestEvent<{ id: string }>

const gone = 'There is no such post or picture (any more).'
const again = (status: number, picture: string) =>
  fail(status, {
    part: 'pictures' as const,
    errors: { picture },
    values: undefined,
    stored: undefined,
    preview: undefined,
  })
const done = (id: string, what: string): never =>
  redirect(303, `/admin/posts/${id}?done=${what}#pictures`)

/** The pictures of a post's text. Uploads of at most 15 MB are gathered by Kit; the server in front lets no more through. */
export const pictureActions = {
  async addPicture(event: Event) {
    const owner = ownerOnly(event)
    const form = await postedForm(event.request)
    const file = form.get('picture')
    if (!(file instanceof File) || file.size === 0) return again(400, 'Choose a picture first.')
    if (file.size > imageLimits.bytes) return again(413, imageProblemWords.too_large)
    const prepared = await prepareImage(file.stream()).catch((thrown: unknown) => {
      if (!(thrown instanceof StorageUnavailableError)) throw thrown
      log.error({ reason: thrown.reason }, thrown.message)
      return undefined
    })
    if (!prepared) return again(503, uploadProblemWords.store_down)
    if (!prepared.ok)
      return again(prepared.reason === 'busy' ? 503 : 422, imageProblemWords[prepared.reason])
    const alt = cutText(oneLine(textField(form, 'alt')), 300)
    const added = await inTransaction((tx) =>
      addPostPicture(tx, owner, event.params.id, prepared.image, alt),
    )
    if (added.ok) return done(event.params.id, 'picture')
    await discardImage(prepared.image)
    if (added.reason === 'not_found') error(404, gone)
    return again(409, `${mostPostPictures} pictures are the most. Remove one first.`)
  },

  async removePicture(event: Event) {
    const owner = ownerOnly(event)
    const image = textField(await postedForm(event.request), 'image')
    const bytes = await inTransaction((tx) => removePostPicture(tx, owner, event.params.id, image))
    if (!bytes) error(404, gone)
    await discardBytes(bytes)
    return done(event.params.id, 'picture-gone')
  },
}
