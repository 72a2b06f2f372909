import { defineConfig } from '@playwright/test'

export default defineConfig({
  testDir: 'e2e',
  testMatch: '*.e2e.ts',
  outputDir: 'test-results/browser',
  // Each worker runs a shop of its own. Much of a journey is waiting, so two cores carry two.
  workers: 2,
  retries: 0,
  // How long to wait before something counts as never coming, on a slow machine too.
  timeout: 300_000,
  expect: { timeout: 30_000 },
  use: {
    launchOptions: {
      ...(process.env.SUNDRY_BROWSER ? { executablePath: process.env.SUNDRY_BROWSER } : {}),
      args: [
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        '--disable-gpu',
        '--disable-quic',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
    // Pictures of every step would cost a third of the time; the page as it stood is kept.
    trace: { mode: 'retain-on-failure', screenshots: false, sources: false },
  },
})
