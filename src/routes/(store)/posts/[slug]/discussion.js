// What the likes below a post gain from script: the heart answers at once, and goes back where the shop could not take it.

document.addEventListener('submit', (event) => {
  const form = event.target
  if (!(form instanceof HTMLFormElement) || !form.dataset.like) return
  const button = form.querySelector('button')
  if (!button) return
  event.preventDefault()
  void toggle(form, button)
})

/**
 * @param {HTMLFormElement} form
 * @param {HTMLButtonElement} button
 */
async function toggle(form, button) {
  if (button.getAttribute('aria-busy') === 'true') return
  const before = { isLiked: button.getAttribute('aria-pressed') === 'true', likes: countOf(button) }
  const isLiked = !before.isLiked
  show(button, isLiked, before.likes + (isLiked ? 1 : -1))
  button.setAttribute('aria-busy', 'true')
  const answer = await ask(form.dataset.like ?? '', isLiked)
  button.removeAttribute('aria-busy')
  if (answer.liked) {
    show(button, answer.liked.isLiked, answer.liked.likes)
    say(`${answer.liked.isLiked ? 'Liked' : 'Not liked any more'}, ${answer.liked.likes} so far.`)
  } else {
    show(button, before.isLiked, before.likes)
    say(answer.words ?? 'That did not work. Please try again.')
  }
}

/**
 * @param {string} address
 * @param {boolean} isLiked
 * @returns {Promise<{ liked?: { isLiked: boolean, likes: number }, words?: string }>}
 */
async function ask(address, isLiked) {
  try {
    const response = await fetch(address, {
      method: isLiked ? 'PUT' : 'DELETE',
      headers: { accept: 'application/json' },
      signal: AbortSignal.timeout(10_000),
    })
    const said = await response.json()
    return response.ok ? { liked: said } : { words: String(said.message ?? '') }
  } catch {
    return { words: 'The shop cannot be reached. Nothing has changed.' }
  }
}

/** @param {HTMLButtonElement} button */
function countOf(button) {
  const count = button.querySelector('[data-count]')
  return count instanceof HTMLElement ? Number(count.dataset.count) || 0 : 0
}

/**
 * @param {HTMLButtonElement} button
 * @param {boolean} isLiked
 * @param {number} likes
 */
function show(button, isLiked, likes) {
  button.setAttribute('aria-pressed', String(isLiked))
  button.value = isLiked ? 'no' : 'yes'
  const label = button.getAttribute('aria-label') ?? ''
  button.setAttribute('aria-label', label.replace(/, \d+ so far$/, `, ${likes} so far`))
  const count = button.querySelector('[data-count]')
  if (!(count instanceof HTMLElement)) return
  count.dataset.count = String(likes)
  count.textContent = likes.toLocaleString(document.documentElement.lang || undefined)
}

/** @param {string} words */
function say(words) {
  const status = document.querySelector('[data-said]')
  if (!status) return
  status.textContent = ''
  setTimeout(() => (status.textContent = words), 50)
}
