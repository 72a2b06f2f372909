import type { PostFields } from './post-fields.ts'

/** Typing rests this long before what stands there is kept. */
const restMs = 1_200
/** What browsers send on behind a page that is being left. */
const mostBehindBytes = 60_000

/**
 * Keeps what is typed and not saved on the server while it is typed, so that a closed tab or a dead battery loses a second's worth at
 * most. Of two tabs the one that has not seen the other's words keeps nothing more, and says so. Call while a component is set up.
 */
export function typingKeeper(form: {
  readonly address: string
  /** As they stand now. */
  readonly fields: () => PostFields
  readonly saved: () => PostFields
  readonly version: number
}) {
  let version = form.version
  let kept = $state(version > 0)
  let words = $state(version > 0 ? 'Kept, not saved yet' : '')
  let isShut = false
  let last = marked(form.fields())
  let sending: Promise<void> = Promise.resolve()

  const isTyped = $derived(marked(form.fields()) !== marked(form.saved()))

  $effect(() => {
    const now = marked(form.fields())
    if (now === last || isShut) return
    const timer = setTimeout(keep, restMs)
    return () => clearTimeout(timer)
  })

  $effect(() => {
    const leave = () => document.visibilityState === 'hidden' && keep()
    document.addEventListener('visibilitychange', leave)
    return () => document.removeEventListener('visibilitychange', leave)
  })

  /** One after the other: each says which words it follows. */
  function keep(): void {
    sending = sending.then(send)
  }

  async function send(): Promise<void> {
    const fields = form.fields()
    const now = marked(fields)
    if (now === last || isShut) return
    const body = new FormData()
    for (const [name, value] of Object.entries(fields)) {
      if (typeof value === 'string') body.set(name, value)
      else if (value === true) body.set(name, 'yes')
      else if (Array.isArray(value)) for (const id of value) body.append(name, String(id))
    }
    body.set('version', String(version))
    try {
      const answer = await fetch(form.address, {
        method: 'POST',
        body,
        headers: { accept: 'application/json' },
        keepalive: now.length * 3 < mostBehindBytes,
      })
      if (answer.ok && !answer.redirected) {
        // Written by typed/+server.ts.
        version = ((await answer.json()) as { version: number }).version
        last = now
        kept = true
        words = 'Kept, not saved yet'
      } else {
        isShut = answer.status === 409
        words = isShut
          ? 'Another tab is writing this post too: what you type here is only safe once you save it.'
          : 'Not kept right now. Save it before you leave.'
      }
    } catch (error) {
      // The line is gone; the next letter tries again.
      if (!(error instanceof Error)) throw error
      words = 'Not kept: the shop cannot be reached. Save it before you leave.'
    }
  }

  return {
    get isTyped() {
      return isTyped
    },
    get words() {
      return isTyped || kept ? words : ''
    },
    /** It was saved: what was kept is gone. */
    settle(): void {
      version = 0
      last = marked(form.fields())
      kept = false
      isShut = false
      words = ''
    },
  }
}

function marked({ seen: _seen, ...fields }: PostFields): string {
  return JSON.stringify(
    Object.entries(fields)
      .toSorted(([one], [other]) => one.localeCompare(other))
      .map(([name, value]) => [name, Array.isArray(value) ? [...new Set(value)].join(' ') : value]),
  )
}
