import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { describe, expect, it } from 'vitest'
import { readCommandLine } from './arguments.ts'

const PROGRAM = new URL('./main.ts', import.meta.url).pathname

function run(...args: string[]): {
  child: ReturnType<typeof spawn>
  listening: Promise<string>
  ended: Promise<unknown[]>
} {
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const listening = new Promise<string>((resolve, reject) => {
    if (child.stdout === null) throw new Error('There is no output')
    createInterface({ input: child.stdout }).once('line', (line) => {
      resolve(JSON.parse(line).listening)
    })
    void ended.then(() => reject(new Error('It ended before it listened')))
  })
  return { child, listening, ended }
}

describe('the program', () => {
  it('says where it listens, serves, and stops on SIGTERM', async () => {
    const { child, listening, ended } = run('--port', '0', '--key', 'sk_test_mine')
    const url = await listening
    const ask = (key: string): Promise<Response> =>
      fetch(`${url}/v1/balance`, { headers: { authorization: `Bearer ${key}` } })
    expect((await ask('sk_test_mine')).status).toBe(200)
    expect((await ask('sk_test_other')).status).toBe(401)
    child.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
  })

  it('with --with-parent ends when its parent is gone', async () => {
    const { child, listening, ended } = run('--port', '0', '--with-parent')
    await listening
    child.stdin?.end()
    expect(await ended).toEqual([0, null])
  })

  it('on a port that is taken ends with words', async () => {
    const first = run('--port', '0')
    const url = new URL(await first.listening)
    const second = spawn(process.execPath, [PROGRAM, '--port', url.port], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const words = new Promise<string>((resolve) =>
      second.stderr.once('data', (chunk: Buffer) => resolve(chunk.toString())),
    )
    expect(await words).toContain('The sandbox cannot start')
    expect(await once(second, 'exit')).toEqual([1, null])
    first.child.kill('SIGINT')
    expect(await first.ended).toEqual([0, null])
  })
})

describe('the command line', () => {
  it('has defaults', () => {
    expect(readCommandLine([])).toMatchObject({
      kind: 'run',
      withParent: false,
      options: { port: 12111, store: 'memory', delivery: 'sandbox', validate: false },
    })
  })

  it('is read whole', () => {
    const line =
      '--port 0 --host ::1 --store postgres://u@h/d --public-url http://s.test/sandbox --clock-table shop.clock --seed 7 --delivery live --rate-limit off --key rk_test_a --validate --with-parent'
    expect(readCommandLine(line.split(' '))).toEqual({
      kind: 'run',
      withParent: true,
      options: {
        port: 0,
        host: '::1',
        store: 'postgres://u@h/d',
        publicUrl: 'http://s.test/sandbox',
        clockTable: 'shop.clock',
        seed: 7,
        delivery: 'live',
        rateLimit: 'off',
        key: 'rk_test_a',
        validate: true,
      },
    })
  })

  it.each([
    [['--nonsense'], '--nonsense'],
    [['stray'], 'stray'],
    [['--port', 'x'], '--port'],
    [['--port', '65536'], '--port'],
    [['--seed', '-1'], '--seed'],
    [['--delivery', 'fast'], '--delivery'],
    [['--delivery-timeout', 'x'], '--delivery-timeout'],
    [['--rate-limit', '0'], '--rate-limit'],
    [['--store', 'mysql://x'], '--store'],
    [['--public-url', 'shop.test'], '--public-url'],
    [['--clock-table', 'a.b'], '--clock-table'],
    [['--key', 'sk_live_a'], '--key'],
  ])('refuses %j in words', (argv, words) => {
    const read = readCommandLine(argv)
    expect(read.kind).toBe('wrong')
    if (read.kind === 'wrong') expect(read.message).toContain(words)
  })

  it('explains itself', () => {
    expect(readCommandLine(['--help'])).toEqual({ kind: 'help' })
  })
})
