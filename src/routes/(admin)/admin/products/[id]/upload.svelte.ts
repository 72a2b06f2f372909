import { contentLimits } from '#modules/downloads/types.ts'
import { uploadProblemWords } from '#modules/downloads/upload-words.ts'
import { refreshAll } from '$app/navigation'

/** One upload under way, as the page shows it. */
export interface Upload {
  readonly fileName: string
  /** Bytes that have left, of how many. */
  sent: number
  readonly total: number
}

/**
 * Sends files one after the other and tells how far each is, which fetch() cannot: hence the older
 * XMLHttpRequest. address: takes the form's fields followed by the file, as the form itself would send them.
 */
export function uploads(address: () => string) {
  let current = $state<Upload>()
  let problem = $state('')
  let request: XMLHttpRequest | undefined

  async function send(fields: Readonly<Record<string, string>>, files: readonly File[]) {
    problem = ''
    for (const file of files) {
      current = { fileName: file.name, sent: 0, total: file.size }
      const refused = await sendOne(fields, file)
      if (refused !== undefined) {
        problem = files.length > 1 ? `${file.name}: ${refused}` : refused
        break
      }
      await refreshAll()
    }
    current = undefined
    return problem === ''
  }

  /** Resolves with what went wrong, in words; undefined when it worked. */
  function sendOne(
    fields: Readonly<Record<string, string>>,
    file: File,
  ): Promise<string | undefined> {
    if (file.size > contentLimits.fileBytes) return Promise.resolve(uploadProblemWords.too_large)
    return new Promise((resolve) => {
      const sending = new XMLHttpRequest()
      request = sending
      sending.upload.onprogress = (event) => {
        if (current) current.sent = Math.min(event.loaded, current.total)
      }
      sending.onload = () => resolve(refusal(sending))
      sending.onerror = () => resolve('The connection was lost. Nothing was changed; try it again.')
      sending.onabort = () => resolve('Stopped. Nothing was changed.')
      const body = new FormData()
      for (const [name, value] of Object.entries(fields)) body.set(name, value)
      body.set('file', file)
      sending.open('POST', address())
      sending.setRequestHeader('accept', 'application/json')
      sending.send(body)
    })
  }

  return {
    get current() {
      return current
    },
    get problem() {
      return problem
    },
    send,
    stop: () => request?.abort(),
  }
}

function refusal(answered: XMLHttpRequest): string | undefined {
  try {
    const answer: unknown = JSON.parse(answered.responseText)
    if (typeof answer === 'object' && answer !== null && 'ok' in answer) {
      if (answer.ok === true) return undefined
      if ('words' in answer && typeof answer.words === 'string') return answer.words
    }
  } catch {
    // Not our answer: a page, because the session ended or a proxy stepped in.
  }
  return answered.status === 413
    ? 'The file is too large for the server in front of this shop.'
    : 'The upload was not taken. Reload the page to see whether you are still signed in.'
}
