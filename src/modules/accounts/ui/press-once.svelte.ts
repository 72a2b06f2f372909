/**
 * Keeps a form from being sent twice by a second press. Without script the server's own guards do the same.
 * release: when the page comes back from the browser's memory (`onpageshow`), it may be sent again.
 */
export function pressOnce() {
  let busy = $state(false)
  return {
    get busy() {
      return busy
    },
    press() {
      busy = true
    },
    release() {
      busy = false
    },
  }
}
