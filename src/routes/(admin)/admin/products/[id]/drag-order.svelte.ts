/**
 * An order that follows the pointer while a thing is dragged by its handle. Keyboards and phones use the buttons
 * beside it, which send the same. ids: the order as the server knows it; send: what is done with a new one.
 */
export function dragOrder(ids: () => readonly string[], send: (order: readonly string[]) => void) {
  let dragged = $state<string>()
  let order = $state.raw<readonly string[]>()

  return {
    get ids() {
      return order ?? ids()
    },
    get dragged() {
      return dragged
    },
    /** The server has answered: its order counts again. */
    settle() {
      order = undefined
    },
    /** For the handle. */
    handle: (id: string) => ({
      draggable: true,
      ondragstart(event: DragEvent & { currentTarget: HTMLElement }) {
        dragged = id
        order = ids()
        const thing = event.currentTarget.closest('li')
        if (event.dataTransfer && thing) {
          event.dataTransfer.effectAllowed = 'move'
          event.dataTransfer.setData('text/plain', id)
          event.dataTransfer.setDragImage(thing, 20, 20)
        }
      },
      ondragend() {
        const moved = order
        dragged = undefined
        if (moved && moved.join() !== ids().join()) send(moved)
        else order = undefined
      },
    }),
    /** For the thing that others are dragged over. */
    place: (id: string) => ({
      ondragover(event: DragEvent) {
        if (dragged === undefined || !order) return
        event.preventDefault()
        if (dragged === id) return
        const to = order.indexOf(id)
        const rest = order.filter((one) => one !== dragged)
        order = [...rest.slice(0, to), dragged, ...rest.slice(to)]
      },
      ondrop(event: DragEvent) {
        if (dragged !== undefined) event.preventDefault()
      },
    }),
  }
}
