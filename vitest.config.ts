import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // What a test provokes is told by its expectations, not by the log.
    env: { LOG_LEVEL: 'silent' },
    // Most of the time is spent waiting for a database: one worker for each processor, not one less.
    maxWorkers: '100%',
    projects: [
      {
        plugins: [svelte()],
        test: {
          name: 'rules',
          include: ['{src,server,scripts,bench}/**/*.test.ts'],
          exclude: ['**/*.db.test.ts', '**/node_modules/**'],
          setupFiles: ['test/property-seed.ts'],
          environment: 'node',
        },
      },
      {
        plugins: [svelte()],
        test: {
          name: 'database',
          include: ['{src,server,scripts,test}/**/*.db.test.ts'],
          environment: 'node',
          globalSetup: ['test/database-server.ts'],
          setupFiles: ['test/property-seed.ts'],
          // Each file has a database of its own; starting one takes its share of two cores.
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          // The real program, built: run by `npm test` after the build.
          name: 'process',
          include: ['test/process/*.proc.test.ts'],
          environment: 'node',
          testTimeout: 240_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'sandbox',
          include: ['sandbox/**/*.test.ts'],
          setupFiles: ['test/property-seed.ts'],
          environment: 'node',
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
