import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { BareAnswer } from './bare-server.ts'
import { startChild } from './child.ts'
import { Connection, requestBytes, type Reply } from './connection.ts'
import type { Figure } from './figure.ts'
import { closedLoop, type Load } from './load.ts'
import { median } from './percentile.ts'
import { productPaths, type Shop } from './shop.ts'

const connections = 16
const rounds = 4
const secondsEach = 1.5

/** A browser's request, as far as the server looks at it. */
export function browserGet(shop: Shop, address: string): Buffer {
  return requestBytes('GET', address, {
    host: `localhost:${shop.port}`,
    accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    'accept-encoding': 'gzip, deflate, br, zstd',
    'accept-language': 'en-GB,en;q=0.5',
    'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0',
  })
}

interface Case {
  readonly name: string
  readonly request: Buffer
  readonly barePath: string
  readonly goal: number
  readonly note: string
}

/**
 * Front and product page a second, kept and rendered, each beside a bare server that sends the same bytes, in rounds that
 * take turns so that other load on the machine meets both. Rendered = the same page asked for with a query, which is
 * never kept: all queries, rendering and compression on every request.
 */
export async function measurePages(shop: Shop): Promise<Figure[]> {
  const product = (await productPaths(shop))[0] ?? '/'
  const cases: Case[] = [
    { name: 'front page, kept', address: '/', goal: 0.25, note: 'anonymous' },
    { name: 'product page, kept', address: product, goal: 0.25, note: 'anonymous' },
    {
      name: 'front page, rendered',
      address: '/?x=1',
      goal: 0.08,
      note: 'made uncacheable by ?x=1',
    },
    {
      name: 'product page, rendered',
      address: `${product}?x=1`,
      goal: 0.08,
      note: 'made uncacheable by ?x=1',
    },
  ].map((one, index) => ({
    ...one,
    request: browserGet(shop, one.address),
    barePath: `/${index}`,
  }))

  const bare = await startBare(shop, cases)
  try {
    const loads: { ours: Load[]; theirs: Load[] }[] = cases.map(() => ({ ours: [], theirs: [] }))
    for (let round = 0; round < rounds; round++) {
      for (const [index, one] of cases.entries()) {
        const bareRequest = requestBytes('GET', one.barePath, { host: 'localhost' })
        const seconds = round === 0 ? secondsEach / 2 : secondsEach // the first only warms up
        const theirs = await closedLoop({
          port: bare.port,
          connections,
          seconds,
          request: () => bareRequest,
        })
        const ours = await closedLoop({
          port: shop.port,
          connections,
          seconds,
          request: () => one.request,
        })
        for (const load of [ours, theirs])
          if (load.failed > 0) throw new Error(`${one.name}: ${load.failure}`)
        if (round > 0) loads[index]?.ours.push(ours)
        if (round > 0) loads[index]?.theirs.push(theirs)
      }
    }
    return cases.flatMap((one, index) => figuresOf(one, loads[index] ?? { ours: [], theirs: [] }))
  } finally {
    await bare.stop()
  }
}

function figuresOf(one: Case, { ours, theirs }: { ours: Load[]; theirs: Load[] }): Figure[] {
  const ratios = ours.map(
    (load, round) => load.perSecond / (theirs[round]?.perSecond ?? Number.NaN),
  )
  return [
    {
      name: one.name,
      value: median(ours.map((load) => load.perSecond)),
      unit: 'a second',
      note: one.note,
    },
    {
      name: `${one.name}: share of a bare server`,
      value: median(ratios),
      unit: 'of it',
      goal: { atLeast: one.goal },
      note: `bare node:http, same bytes: ${Math.round(median(theirs.map((load) => load.perSecond)))} a second`,
    },
  ]
}

async function startBare(shop: Shop, cases: readonly Case[]) {
  const answers: Record<string, BareAnswer> = {}
  for (const one of cases) {
    const connection = await Connection.open(shop.port)
    // Twice: the second answer of a page that is kept is the one visitors get.
    await connection.send(one.request)
    answers[one.barePath] = bareAnswer(await connection.send(one.request))
    connection.close()
  }
  return startBareServer(answers)
}

/** Node's own HTTP server with fixed answers by path: the ceiling that pages are compared with. */
export async function startBareServer(
  answers: Readonly<Record<string, BareAnswer>>,
): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sundry-bench-'))
  const file = path.join(folder, 'answers.json')
  writeFileSync(file, JSON.stringify(answers))
  const child = await startChild('bench/bare-server.ts', {
    args: [file],
    isReady: (line) => line.startsWith('{"port"'),
  })
  rmSync(folder, { recursive: true })
  return { port: (JSON.parse(child.line) as { port: number }).port, stop: child.stop }
}

function bareAnswer(reply: Reply): BareAnswer {
  if (reply.status !== 200) throw new Error(`A page answered ${reply.head}`)
  const headers = reply.head
    .split('\r\n')
    .slice(1)
    .map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon), line.slice(colon + 1).trim()] as const
    })
    // These Node writes by itself, here as there.
    .filter(([name]) => !/^(?:date|connection|keep-alive)$/i.test(name))
  return { headers, body: reply.body.toString('base64') }
}
