import { spawn, type ChildProcess } from 'node:child_process'
import { createHmac } from 'node:crypto'
import path from 'node:path'
import { createInterface } from 'node:readline'
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
  let stopping = false
  let port = 0
  let child: ChildProcess

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
    const url = await new Promise<string>((resolve, reject) => {
      const limit = setTimeout(
        () => reject(new Error('The Stripe sandbox did not start in time.')),
        startLimitMs,
      )
      started.once('error', reject)
      started.once('exit', (code) =>
        reject(new Error(`The Stripe sandbox ended at once (code ${code}).`)),
      )
      const lines = createInterface({ input: started.stdout })
      lines.on('line', (line) => {
        const match = /"listening":"([^"]+)"/.exec(line)
        if (!match?.[1]) return
        clearTimeout(limit)
        resolve(match[1])
      })
    })
    port = Number(new URL(url).port)
    started.removeAllListeners('exit')
    started.once('exit', (code) => {
      if (stopping) return
      report(`The Stripe sandbox ended (code ${code}); starting it again.`)
      setTimeout(() => void launch().catch((error: Error) => report(error.message)), 500)
    })
    return url
  }

  const url = await launch()
  return {
    url,
    ...secrets,
    async stop() {
      stopping = true
      if (child.exitCode !== null) return
      await new Promise<void>((resolve) => {
        const limit = setTimeout(() => child.kill('SIGKILL'), 5_000)
        child.once('exit', () => {
          clearTimeout(limit)
          resolve()
        })
        child.kill('SIGTERM')
      })
    },
  }
}
