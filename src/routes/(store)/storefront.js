// What public pages gain from script; all of them work without it. Loaded as a module, no runtime needed.

/** On phones a bar with price and button comes up when the button itself has scrolled away. */
for (const bar of document.querySelectorAll('[data-buy-bar]')) {
  const button = document.querySelector('[data-buy-button]')
  if (!button) continue
  new IntersectionObserver(([entry]) => {
    const gone = entry !== undefined && !entry.isIntersecting && entry.boundingClientRect.top < 0
    bar.toggleAttribute('inert', !gone)
    bar.classList.toggle('up', gone)
  }).observe(button)
}

/** Copies and says so. */
document.addEventListener('click', (event) => void copyFrom(event))

/** @param {Event} event */
async function copyFrom(event) {
  if (!(event.target instanceof Element)) return
  const holder = event.target.closest('[data-copy]')
  const words = event.target.closest('button')?.querySelector('span')
  if (!(holder instanceof HTMLElement) || !words) return
  const before = words.textContent
  const copied = await navigator.clipboard.writeText(holder.dataset.copy ?? '').then(
    () => true,
    () => false,
  )
  words.textContent = copied ? 'Copied' : 'Select and copy by hand'
  const status = holder.querySelector('[role=status]')
  if (status) status.textContent = copied ? 'Copied' : ''
  setTimeout(() => (words.textContent = before), 4000)
}

/** A form that must be sent once: the second press does nothing until the page comes back. */
document.addEventListener('submit', (event) => {
  const form = event.target
  if (!(form instanceof HTMLFormElement) || !form.matches('[data-once]')) return
  if (form.dataset.sent) return event.preventDefault()
  form.dataset.sent = 'yes'
  event.submitter?.setAttribute('aria-busy', 'true')
})
addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('[data-sent]')) form.removeAttribute('data-sent')
  for (const button of document.querySelectorAll('[data-once] [aria-busy], [aria-busy][form]'))
    button.removeAttribute('aria-busy')
})

/** How many things wait in the cart: the page itself is the same for everybody. */
function countCart() {
  const kept = /(?:^|;\s*)cart=([^;]*)/.exec(document.cookie)?.[1]
  const list = decodeURIComponent(kept ?? '').split('~', 1)[0] ?? ''
  const count = list === '' ? 0 : list.split('!').length
  for (const place of document.querySelectorAll('[data-cart-count]')) {
    if (!(place instanceof HTMLElement)) continue
    place.hidden = count === 0
    place.textContent = String(count)
  }
}
countCart()
addEventListener('pageshow', countCart)

/** What is one reader's by right is not shown again from the browser's memory: the right may have ended meanwhile. */
addEventListener('pageshow', ({ persisted }) => {
  if (persisted && document.querySelector('[data-by-right]')) location.reload()
})
