import { spawn, type ChildProcess } from 'node:child_process'
import { createHmac } from 'node:crypto'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import type { Settings } from './settings.ts'

export interface RunningSandbox {
  readonly url: string
  readonly key: string
  readonly webhookSecret: string
  stop(): Promise<void>
}

/** Same for every process with the same secret, so that all of them talk to one rehearsal account. */
export function sandboxSecrets(secret: string): { key: string; webhookSecret: string } {
  const derive = (purpose: string) =>
    createHmac('sha256', secret).update(`rehearsal ${purpose}`).digest('hex').slice(0, 40)
  return { key: `sk_test_rehearsal${derive('key')}`, webhookSecret: `whsec_${derive('webhook')}` }
}

const startLimitMs = 15_000
const endLimitMs = 5_000
const longestPauseMs = 30_000

/**
 * Starts the built-in Stripe sandbox as a process of its own, with its state in a schema of its own in the shop's
 * database and the shop's clock as its clock. It ends with this process, however that ends; should it die alone, it is started again.
 */
export async function startSandboxProcess(
  root: string,
  settings: Settings,
  databaseUrl: string,
  report: (words: string) => void,
): Promise<RunningSandbox> {
  const secrets = sandboxSecrets(settings.secret)
  const stopping = new AbortController()
  let port = 0
  let child: ChildProcess
  /** The sandbox is being started again; settles when it runs, or when it is not wanted any more. */
  let comingBack: Promise<void> = Promise.resolve()

  const launch = async (): Promise<string> => {
    const args = [
      '--disable-warning=ExperimentalWarning',
      path.join(root, 'sandbox/stripe/main.ts'),
      '--port',
      String(port),
      '--store',
      databaseUrl,
      '--clock-table',
      'public.clock',
      '--public-url',
      `${settings.origin}/sandbox`,
      '--key',
      secrets.key,
      '--delivery',
      'sandbox',
      '--rate-limit',
      'off',
      '--with-parent',
    ]
    const started = spawn(process.execPath, args, {
      cwd: root,
      // Its standard input is the rope it hangs on: when we die, it reads the end and stops.
      stdio: ['pipe', 'pipe', 'inherit'],
      // Ctrl-C is for the shop, which then ends the sandbox after the last request.
      detached: true,
    })
    child = started
    const url = await addressOf(started)
    port = Number(new URL(url).port)
    started.once('exit', (code, signal) => {
      if (stopping.signal.aborted) return
      report(`The Stripe sandbox ended (${signal ?? `code ${code}`}); starting it again.`)
      comingBack = bringBack()
    })
    return url
  }

  /** Tries until it runs: without its sandbox a rehearsal takes no payment. */
  const bringBack = async (): Promise<void> => {
    for (let pause = 500; ; pause = Math.min(2 * pause, longestPauseMs)) {
      await setTimeout(pause, undefined, { signal: stopping.signal }).catch(() => undefined)
      if (stopping.signal.aborted) return
      try {
        await launch()
        return report('The Stripe sandbox runs again.')
      } catch (error) {
        report(error instanceof Error ? error.message : String(error))
      }
    }
  }

  const url = await launch()
  return {
    url,
    ...secrets,
    async stop() {
      stopping.abort()
      // One that is just being started is waited for, so that none is left behind.
      await comingBack
      await end(child)
    },
  }
}

/** The address that a program just started tells on its first lines. One that tells none in time is ended. */
async function addressOf(started: ChildProcess): Promise<string> {
  try {
    return await new Promise<string>((resolve, reject) => {
      const limit = globalThis.setTimeout(
        () => reject(new Error('The Stripe sandbox did not start in time.')),
        startLimitMs,
      )
      started.once('error', reject)
      started.once('exit', (code) => {
        clearTimeout(limit)
        reject(new Error(`The Stripe sandbox ended at once (code ${code}).`))
      })
      if (!started.stdout) throw new Error('The Stripe sandbox was started without its output.')
      const lines = createInterface({ input: started.stdout })
      lines.on('line', (line) => {
        const match = /"listening":"([^"]+)"/.exec(line)
        if (!match?.[1]) return
        clearTimeout(limit)
        resolve(match[1])
      })
    })
  } catch (error) {
    await end(started)
    throw error
  } finally {
    started.removeAllListeners('exit')
  }
}

/** Ends a program and waits until it is gone. */
async function end(child: ChildProcess): Promise<void> {
  // Of one that was killed the code stays null for ever; and one that could not even be started has no number.
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  await new Promise<void>((resolve) => {
    const limit = globalThis.setTimeout(() => child.kill('SIGKILL'), endLimitMs)
    child.once('exit', () => {
      clearTimeout(limit)
      resolve()
    })
    child.kill('SIGTERM')
  })
}
