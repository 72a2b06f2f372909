import type { Changes } from './buffered-unit.ts'
import type { Task } from './store.ts'
import { isAbout } from './buffered-unit.ts'

/**
 * A batch of due tasks, earliest first. What a task plans for a moment within the batch takes its
 * place in it, and what it calls off leaves it, so that nothing is done before what came earlier.
 */
export class TaskQueue {
  #tasks: Task[]
  /** Beyond this other tasks may wait that are not in the batch. */
  readonly #horizonMs: number

  constructor(tasks: readonly Task[], limit: number) {
    this.#tasks = [...tasks]
    this.#horizonMs = tasks.length < limit ? Infinity : (tasks.at(-1)?.atMs ?? 0)
  }

  next(): Task | undefined {
    return this.#tasks.shift()
  }

  /** Takes in what the last task planned and called off. */
  follow({ scheduled, unscheduled }: Changes, untilMs: number): void {
    const until = Math.min(untilMs, this.#horizonMs)
    const fresh = scheduled.filter((task) => task.atMs <= until)
    const left = this.#tasks.filter(
      (task) => !unscheduled.some(({ object, type }) => isAbout(task, object, type)),
    )
    // Stable: among those of one moment the ones planned first come first.
    this.#tasks = [...left, ...fresh].sort((a, b) => a.atMs - b.atMs)
  }
}
