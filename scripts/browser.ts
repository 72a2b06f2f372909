import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'

export type FoundBrowser =
  | { readonly ok: true; readonly environment: Record<string, string> }
  | { readonly ok: false; readonly words: string }

const packaged = { name: '@sparticuz/chromium', version: '153.0.0' }

/**
 * A browser for the journeys: the one SUNDRY_BROWSER names, the system's Chromium or Chrome, one from the package
 * registry (Linux x64), or Playwright's own download. Never none in silence.
 */
export async function findBrowser(root: string): Promise<FoundBrowser> {
  const known = [
    process.env.SUNDRY_BROWSER,
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/usr/bin/google-chrome-stable',
    '/snap/bin/chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  ].find((file) => file !== undefined && existsSync(file))
  if (known) return { ok: true, environment: { SUNDRY_BROWSER: known } }
  return (await fromRegistry(root)) ?? fromPlaywright(root) ?? { ok: false, words: noBrowser }
}

const noBrowser =
  'No browser was found for the browser journeys, and none could be installed.\n' +
  'Install Chromium or Chrome (on Debian and Ubuntu: apt-get install chromium), or name one in SUNDRY_BROWSER.'

async function fromRegistry(root: string): Promise<FoundBrowser | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined
  const folder = path.join(root, '.cache', 'browser')
  const entry = path.join(folder, 'node_modules', packaged.name, 'build', 'esm', 'index.js')
  if (!existsSync(entry)) {
    process.stdout.write(
      'No Chromium on this machine; installing one from the package registry ...\n',
    )
    mkdirSync(folder, { recursive: true })
    writeFileSync(path.join(folder, 'package.json'), '{"private":true}\n')
    const npm = process.env.npm_execpath
    const args = [
      'install',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      `${packaged.name}@${packaged.version}`,
    ]
    const installed = npm?.endsWith('.js')
      ? spawnSync(process.execPath, [npm, ...args], {
          cwd: folder,
          stdio: ['ignore', 'ignore', 'inherit'],
        })
      : spawnSync('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
    if (installed.status !== 0) return undefined
  }
  // With this name set the package also unpacks the system libraries that a bare machine lacks.
  process.env.AWS_EXECUTION_ENV = 'AWS_Lambda_nodejs22.x'
  const module = (await import(entry)) as { default: { executablePath(): Promise<string> } }
  const executable = await module.default.executablePath()
  const libraries = path.join(path.dirname(executable), 'al2023', 'lib')
  return {
    ok: true,
    environment: {
      SUNDRY_BROWSER: executable,
      LD_LIBRARY_PATH: [libraries, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':'),
    },
  }
}

function fromPlaywright(root: string): FoundBrowser | undefined {
  const cli = path.join(root, 'node_modules/@playwright/test/cli.js')
  const installed = spawnSync(process.execPath, [cli, 'install', 'chromium'], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  return installed.status === 0 ? { ok: true, environment: {} } : undefined
}
