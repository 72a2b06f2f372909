// Loads Google's ads into the page's places: nothing before somebody is near one, and, where the shop asks first, nothing before
// the visitor said yes. What they said stays in their browser.

const answerKey = 'ads'
const places = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('ins.adsbygoogle'))

/** Storage may be closed to the page: then the question comes again on the next one. */
function said() {
  try {
    return localStorage.getItem(answerKey)
  } catch {
    return null
  }
}

/** @param {'yes' | 'no'} answer */
function say(answer) {
  try {
    localStorage.setItem(answerKey, answer)
  } catch {
    return
  }
}

let isLoading = false
function load() {
  if (isLoading) return
  isLoading = true
  const script = document.createElement('script')
  script.async = true
  script.crossOrigin = 'anonymous'
  const client = encodeURIComponent(places[0]?.dataset.adClient ?? '')
  script.src = `https://pagead2.googlesyndication.com/pagead/js/adsbygoogle.js?client=${client}`
  document.head.append(script)
}

function watch() {
  const near = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue
        near.unobserve(entry.target)
        load()
        // The line that Google's script works off once it is there; it is its own name for it.
        const page = /** @type {{ adsbygoogle?: object[] }} */ (window)
        ;(page.adsbygoogle ??= []).push({})
      }
    },
    { rootMargin: '400px' },
  )
  for (const place of places) near.observe(place)
}

/** @param {string} name */
const parts = (name) =>
  /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(`[data-ads-${name}]`))

function begin() {
  for (const question of parts('question')) question.hidden = true
  for (const stop of parts('stop')) stop.hidden = false
  watch()
}

const asks = [...places].some((place) => place.dataset.adsFirst === 'ask')
if (!asks || said() === 'yes') begin()
else for (const question of parts('question')) question.hidden = false

for (const yes of parts('yes'))
  yes.addEventListener('click', () => {
    say('yes')
    begin()
  })
for (const stop of parts('stop'))
  stop.addEventListener('click', () => {
    say('no')
    location.reload() // what runs already cannot be called back
  })
