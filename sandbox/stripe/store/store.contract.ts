import type { Delivery, Doc, Store, Task, Unit } from './store.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { UnknownCursor } from './store.ts'

const A = 'acct_a'
const B = 'acct_b'

/** What every store promises. `open` gives a fresh, empty one each time. */
export function describeStore(name: string, open: () => Promise<Store>): void {
  describe(name, () => {
    let store: Store

    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store.close())

    const put = (account: string, kind: string, ...docs: readonly Doc[]): Promise<void> =>
      store.write(account, [], async (unit) => {
        for (const doc of docs) unit.put(kind, doc)
      })

    const idsOf = (page: { data: readonly Doc[] }): string[] => page.data.map((doc) => doc.id)

    describe('units of work', () => {
      it('keep what they put, exactly as it was put', async () => {
        const doc = {
          id: 'cus_1',
          object: 'customer',
          created: 5,
          zebra: 'ä "quoted" \\ and \u2028',
          list: [1, null, { deep: true }],
          address: null,
        }
        await put(A, 'customer', doc)
        const found = await (await store.read(A)).get('customer', 'cus_1')
        expect(JSON.stringify(found)).toBe(JSON.stringify(doc))
      })

      it('leave nothing behind when they throw', async () => {
        const failing = store.write(A, [], async (unit) => {
          unit.put('customer', customer('cus_1', 1))
          unit.schedule(task('task_1', 1, 'cus_1'))
          unit.deliver(delivery('dlv_1', {}))
          throw new Error('changed its mind')
        })
        await expect(failing).rejects.toThrow('changed its mind')
        const reader = await store.read(A)
        expect(await reader.get('customer', 'cus_1')).toBeUndefined()
        expect(await reader.dueTasks(10, 10)).toEqual([])
        expect(await store.deliveries(A, { limit: 10 })).toEqual([])
      })

      it('keep the work of the others when one of many throws', async () => {
        const results = await Promise.allSettled(
          [1, 2, 3, 4, 5, 6].map((n) =>
            store.write(A, [], async (unit) => {
              unit.put('customer', customer(`cus_${n}`, n))
              if (n % 2 === 0) throw new Error('no')
            }),
          ),
        )
        expect(results.map((one) => one.status)).toEqual([
          'fulfilled',
          'rejected',
          'fulfilled',
          'rejected',
          'fulfilled',
          'rejected',
        ])
        const page = await (await store.read(A)).list('customer', { limit: 10 })
        expect(idsOf(page)).toEqual(['cus_5', 'cus_3', 'cus_1'])
      })

      it('see what they put themselves, in get and in list', async () => {
        await put(A, 'customer', customer('cus_1', 10), customer('cus_2', 20))
        await store.write(A, [], async (unit) => {
          unit.put('customer', { ...customer('cus_1', 10), name: 'changed' })
          unit.put('customer', customer('cus_3', 20))
          unit.put(
            'customer',
            { id: 'cus_2', object: 'customer', deleted: true },
            { listed: false },
          )
          expect(await unit.get('customer', 'cus_1')).toMatchObject({ name: 'changed' })
          const page = await unit.list('customer', { limit: 10 })
          expect(idsOf(page)).toEqual(['cus_3', 'cus_1'])
          expect(page.data[1]).toMatchObject({ name: 'changed' })
        })
      })

      it('run one after another within an account, so no update is lost', async () => {
        await put(A, 'counter', { id: 'n', object: 'counter', value: 0 })
        await Promise.all(
          Array.from({ length: 50 }, () =>
            store.write(A, [], async (unit) => {
              const before = await unit.get('counter', 'n')
              unit.put('counter', { ...doc(before), value: Number(before?.['value']) + 1 })
            }),
          ),
        )
        expect(await (await store.read(A)).get('counter', 'n')).toMatchObject({ value: 50 })
      })

      it('see what the one before has put even when both were waiting', async () => {
        const seen = await Promise.all(
          [1, 2, 3].map((n) =>
            store.write(A, [{ kind: 'answer', id: 'k' }], async (unit) => {
              const before = await unit.get('answer', 'k')
              unit.put('answer', { id: 'k', object: 'answer', by: n })
              return before?.['by']
            }),
          ),
        )
        expect(seen).toEqual([undefined, 1, 2])
      })

      it('keep accounts apart, even where ids are the same', async () => {
        await put(A, 'product', { ...customer('prod_1', 1), name: 'of A' })
        await put(B, 'product', { ...customer('prod_1', 1), name: 'of B' })
        expect(await (await store.read(A)).get('product', 'prod_1')).toMatchObject({ name: 'of A' })
        expect(await (await store.read(B)).get('product', 'prod_1')).toMatchObject({ name: 'of B' })
        expect(idsOf(await (await store.read(B)).list('product', { limit: 10 }))).toEqual([
          'prod_1',
        ])
      })
    })

    describe('lists', () => {
      beforeEach(() =>
        put(
          A,
          'customer',
          customer('cus_1', 100),
          customer('cus_2', 200),
          customer('cus_3', 200),
          customer('cus_4', 300),
          customer('cus_5', 400),
        ),
      )

      it('come newest first, those of one second in the order opposite to their making', async () => {
        const page = await (await store.read(A)).list('customer', { limit: 10 })
        expect(idsOf(page)).toEqual(['cus_5', 'cus_4', 'cus_3', 'cus_2', 'cus_1'])
        expect(page.hasMore).toBe(false)
      })

      it('page forward by a cursor until nothing is left', async () => {
        const reader = await store.read(A)
        const first = await reader.list('customer', { limit: 2 })
        const second = await reader.list('customer', { limit: 2, after: 'cus_4' })
        const third = await reader.list('customer', { limit: 2, after: 'cus_2' })
        expect([first, second, third].map(idsOf)).toEqual([
          ['cus_5', 'cus_4'],
          ['cus_3', 'cus_2'],
          ['cus_1'],
        ])
        expect([first, second, third].map((page) => page.hasMore)).toEqual([true, true, false])
      })

      it('page back to what is newer than a cursor, nearest first kept, newest first shown', async () => {
        const reader = await store.read(A)
        const page = await reader.list('customer', { limit: 2, before: 'cus_2' })
        expect(idsOf(page)).toEqual(['cus_4', 'cus_3'])
        expect(page.hasMore).toBe(true)
        const rest = await reader.list('customer', { limit: 5, before: 'cus_4' })
        expect(idsOf(rest)).toEqual(['cus_5'])
        expect(rest.hasMore).toBe(false)
      })

      it('refuse a cursor that names nothing', async () => {
        const reader = await store.read(A)
        await expect(reader.list('customer', { limit: 1, after: 'cus_9' })).rejects.toThrow(
          UnknownCursor,
        )
      })

      it('keep to bounds of the time of creation, both inclusive', async () => {
        const reader = await store.read(A)
        const page = await reader.list('customer', {
          limit: 10,
          createdFrom: 200,
          createdTo: 300,
        })
        expect(idsOf(page)).toEqual(['cus_4', 'cus_3', 'cus_2'])
      })

      it('leave out what is not listed and still find it by its id', async () => {
        await store.write(A, [], async (unit) => {
          unit.put(
            'customer',
            { id: 'cus_3', object: 'customer', deleted: true },
            { listed: false },
          )
        })
        const reader = await store.read(A)
        expect(idsOf(await reader.list('customer', { limit: 10 }))).not.toContain('cus_3')
        expect(await reader.get('customer', 'cus_3')).toMatchObject({ deleted: true })
      })

      it('keep the place of a document that is changed', async () => {
        await put(A, 'customer', { ...customer('cus_2', 200), name: 'changed' })
        const page = await (await store.read(A)).list('customer', { limit: 10 })
        expect(idsOf(page)).toEqual(['cus_5', 'cus_4', 'cus_3', 'cus_2', 'cus_1'])
      })

      it('can lag behind what was just put', async () => {
        const reader = await store.read(A)
        const page = await reader.list('customer', {
          limit: 10,
          insertedUntilMs: reader.nowMs - 60_000,
        })
        expect(page.data).toEqual([])
      })
    })

    describe('conditions', () => {
      beforeEach(() =>
        put(
          A,
          'charge',
          {
            ...customer('ch_1', 1),
            customer: 'cus_1',
            amount: 500,
            refunded: false,
            metadata: { order: "it's 1", note: 'blue whale' },
          },
          {
            ...customer('ch_2', 2),
            customer: 'cus_2',
            amount: 1500,
            refunded: true,
            metadata: {},
            card: { last4: '4242' },
          },
          { ...customer('ch_3', 3), customer: 'cus_1', amount: 2500, refunded: false, name: null },
        ),
      )

      const cases: readonly [string, Parameters<typeof matching>[1], readonly string[]][] = [
        ['a field that is indexed', { path: ['customer'], is: 'cus_1' }, ['ch_3', 'ch_1']],
        ['a truth', { path: ['refunded'], is: true }, ['ch_2']],
        ['a number', { path: ['amount'], is: 1500 }, ['ch_2']],
        ['a nested field', { path: ['card', 'last4'], is: '4242' }, ['ch_2']],
        ['a metadata key with a quote', { path: ['metadata', 'order'], is: "it's 1" }, ['ch_1']],
        ['one of several', { path: ['id'], in: ['ch_1', 'ch_3'] }, ['ch_3', 'ch_1']],
        ['none of none', { path: ['id'], in: [] }, []],
        ['a part, whatever its case', { path: ['metadata', 'note'], contains: 'WHALE' }, ['ch_1']],
        ['a beginning', { path: ['id'], startsWith: 'ch_' }, ['ch_3', 'ch_2', 'ch_1']],
        ['more than', { path: ['amount'], compare: '>', to: 500 }, ['ch_3', 'ch_2']],
        ['at most', { path: ['amount'], compare: '<=', to: 1500 }, ['ch_2', 'ch_1']],
        ['nothing there', { path: ['card', 'last4'], is: null }, ['ch_3', 'ch_1']],
        [
          'what is not so, missing fields included',
          { not: { path: ['card', 'last4'], is: '4242' } },
          ['ch_3', 'ch_1'],
        ],
        [
          'any of',
          {
            any: [
              { path: ['amount'], is: 500 },
              { path: ['refunded'], is: true },
            ],
          },
          ['ch_2', 'ch_1'],
        ],
        [
          'all of',
          {
            all: [
              { path: ['customer'], is: 'cus_1' },
              { path: ['amount'], is: 500 },
            ],
          },
          ['ch_1'],
        ],
      ]

      it.each(cases)('find %s', async (_name, condition, ids) => {
        expect(await matching(store, condition)).toEqual(ids)
      })

      it('follow a field that changes', async () => {
        await put(A, 'charge', { ...customer('ch_1', 1), customer: 'cus_2', amount: 500 })
        expect(await matching(store, { path: ['customer'], is: 'cus_1' })).toEqual(['ch_3'])
        expect(await matching(store, { path: ['customer'], is: 'cus_2' })).toEqual(['ch_2', 'ch_1'])
      })
    })

    describe('tasks', () => {
      it('fall due in order of their time', async () => {
        await schedule(store, task('t3', 300, 'x'), task('t1', 100, 'x'), task('t2', 200, 'y'))
        const reader = await store.read(A)
        expect((await reader.dueTasks(250, 10)).map((one) => one.id)).toEqual(['t1', 't2'])
        expect(await reader.dueTasks(99, 10)).toEqual([])
        expect(await store.nextTaskAtMs()).toBe(100)
        expect(await store.accountsWithDueTasks(100)).toEqual([A])
        expect(await store.accountsWithDueTasks(99)).toEqual([])
      })

      it('are called off one by one, by object, or by object and type', async () => {
        await schedule(
          store,
          task('t1', 1, 'x'),
          task('t2', 2, 'x'),
          { ...task('t3', 3, 'y'), type: 'other' },
          task('t4', 4, 'y'),
        )
        await store.write(A, [], async (unit) => {
          unit.unschedule('t1')
          unit.unschedule('y', 'other')
          expect((await unit.dueTasks(10, 10)).map((one) => one.id)).toEqual(['t2', 't4'])
        })
        await store.write(A, [], async (unit) => unit.unschedule('x'))
        const reader = await store.read(A)
        expect((await reader.dueTasks(10, 10)).map((one) => one.id)).toEqual(['t4'])
      })

      it('scheduled and called off in one unit never were', async () => {
        await store.write(A, [], async (unit) => {
          unit.schedule(task('t1', 1, 'x'))
          unit.unschedule('x')
          unit.schedule(task('t2', 2, 'x'))
        })
        const reader = await store.read(A)
        expect((await reader.dueTasks(10, 10)).map((one) => one.id)).toEqual(['t2'])
      })
    })

    describe('deliveries', () => {
      const claim = (
        more: Partial<Parameters<Store['claimDeliveries']>[0]> = {},
      ): Promise<string[]> =>
        store
          .claimDeliveries({
            untilMs: 1_000,
            perEndpoint: 10,
            busy: new Map(),
            leaseMs: 60_000,
            ...more,
          })
          .then((claims) => claims.map((one) => one.delivery.id))

      it('are taken once when due, earliest first, with what is needed to send them', async () => {
        await store.write(A, [], async (unit) => {
          unit.put('event', { id: 'evt_1', object: 'event', created: 1 })
          unit.put('webhook_endpoint', { id: 'we_1', object: 'webhook_endpoint' })
          unit.put('_endpoint', { id: 'we_1', object: '_endpoint', secret: 's' })
        })
        await deliver(
          store,
          delivery('d_late', { nextAtMs: 5_000 }),
          delivery('d_2', { nextAtMs: 200 }),
          delivery('d_1', { nextAtMs: 100 }),
        )
        const claims = await store.claimDeliveries({
          untilMs: 1_000,
          perEndpoint: 10,
          busy: new Map(),
          leaseMs: 60_000,
        })
        expect(claims.map((one) => one.delivery.id)).toEqual(['d_1', 'd_2'])
        expect(claims[0]).toMatchObject({
          delivery: { event: 'evt_1', endpoint: 'we_1', attempts: [], cause: 'first' },
          event: { id: 'evt_1' },
          endpoint: { id: 'we_1' },
          endpointRecord: { secret: 's' },
        })
        expect(await claim()).toEqual([])
      })

      it('are taken over when the lease of who had them has ended', async () => {
        await deliver(store, delivery('d_1', {}))
        expect(await claim({ leaseMs: -1 })).toEqual(['d_1'])
        expect(await claim()).toEqual(['d_1'])
      })

      it('leave room for what is under way at each endpoint', async () => {
        await deliver(
          store,
          delivery('d_1', {}),
          delivery('d_2', {}),
          delivery('d_3', {}),
          delivery('d_4', { endpoint: 'we_2' }),
        )
        expect(await claim({ perEndpoint: 2, busy: new Map([['we_1', 1]]) })).toEqual([
          'd_1',
          'd_4',
        ])
        expect(await claim({ perEndpoint: 2, busy: new Map([['we_1', 2]]) })).toEqual([])
      })

      it('wait while they are held, and go when released', async () => {
        await deliver(store, delivery('d_1', { held: true, nextAtMs: 9_000 }))
        expect(await claim({ untilMs: 10_000 })).toEqual([])
        expect(await store.dueDeliveries(10_000)).toBe(0)
        expect(await store.release(A, 500)).toBe(1)
        expect(await store.dueDeliveries(1_000)).toBe(1)
        expect(await claim()).toEqual(['d_1'])
      })

      it('can be taken by name before their turn', async () => {
        await deliver(store, delivery('d_1', { nextAtMs: 9_000 }), delivery('d_2', {}))
        expect(await claim({ only: ['d_1'] })).toEqual(['d_1'])
      })

      it('write down each attempt, and are due again when they failed', async () => {
        await deliver(store, delivery('d_1', {}))
        await claim()
        const attempt = { atMs: 1, status: 500, durationMs: 3, note: 'down' }
        await store.recordOutcomes([
          { account: A, id: 'd_1', status: 'pending', nextAtMs: 700, attempt },
        ])
        expect(await store.delivery(A, 'd_1')).toMatchObject({
          status: 'pending',
          nextAtMs: 700,
          attempts: [attempt],
        })
        expect(await claim({ untilMs: 699 })).toEqual([])
        expect(await claim({ untilMs: 700 })).toEqual(['d_1'])
        await store.recordOutcomes([
          {
            account: A,
            id: 'd_1',
            status: 'succeeded',
            nextAtMs: 700,
            attempt: { ...attempt, status: 200 },
          },
        ])
        expect((await store.delivery(A, 'd_1'))?.attempts).toHaveLength(2)
        expect(await store.dueDeliveries(10_000)).toBe(0)
      })

      it('stay finished when a late outcome of another process comes in', async () => {
        await deliver(store, delivery('d_1', {}))
        const attempt = { atMs: 1, status: 200, durationMs: 3, note: '' }
        await store.recordOutcomes([
          { account: A, id: 'd_1', status: 'succeeded', nextAtMs: 0, attempt },
        ])
        await store.recordOutcomes([
          { account: A, id: 'd_1', status: 'pending', nextAtMs: 0, attempt },
        ])
        expect(await store.delivery(A, 'd_1')).toMatchObject({ status: 'succeeded' })
      })

      it('tell which events have not arrived everywhere', async () => {
        await store.write(A, [], async (unit) => {
          for (const n of [1, 2, 3])
            unit.put('event', { id: `evt_${n}`, object: 'event', created: n })
        })
        await deliver(
          store,
          delivery('d_1', { event: 'evt_1', status: 'succeeded' }),
          delivery('d_2', { event: 'evt_2', status: 'succeeded' }),
          delivery('d_3', { event: 'evt_2', status: 'failed', endpoint: 'we_2' }),
        )
        expect([...(await store.undelivered(A, ['evt_1', 'evt_2', 'evt_3']))]).toEqual([
          ['evt_2', 1],
        ])
        const reader = await store.read(A)
        expect(idsOf(await reader.list('event', { limit: 9, delivered: true }))).toEqual([
          'evt_3',
          'evt_1',
        ])
        expect(idsOf(await reader.list('event', { limit: 9, delivered: false }))).toEqual(['evt_2'])
      })

      it('are listed newest first and by what they are', async () => {
        await deliver(
          store,
          delivery('d_1', {}),
          delivery('d_2', { status: 'dropped' }),
          delivery('d_3', { held: true, endpoint: 'we_2' }),
        )
        const ids = async (filter: Parameters<Store['deliveries']>[1]): Promise<string[]> =>
          (await store.deliveries(A, filter)).map((one) => one.id)
        expect(await ids({ limit: 2 })).toEqual(['d_3', 'd_2'])
        expect(await ids({ limit: 9, status: 'dropped' })).toEqual(['d_2'])
        expect(await ids({ limit: 9, held: true })).toEqual(['d_3'])
        expect(await ids({ limit: 9, endpoint: 'we_2' })).toEqual(['d_3'])
        expect(await store.deliveries(B, { limit: 9 })).toEqual([])
      })
    })

    describe('the clock', () => {
      it('is real time plus an offset, and tells those who listen when it is moved', async () => {
        const before = await store.nowMs()
        let moved = 0
        const told = new Promise<void>((resolve) => {
          store.onClockMoved(() => {
            moved += 1
            resolve()
          })
        })
        await store.setOffsetMs(86_400_000)
        await told
        expect(moved).toBeGreaterThan(0)
        expect(await store.offsetMs()).toBe(86_400_000)
        const ahead = (await store.nowMs()) - before
        expect(ahead).toBeGreaterThanOrEqual(86_400_000)
        expect(ahead).toBeLessThan(86_400_000 + 60_000)
        await store.write(A, [], async (unit) => {
          expect(unit.nowMs).toBeGreaterThanOrEqual(before + 86_400_000)
        })
        expect((await store.read(A)).nowMs).toBeGreaterThanOrEqual(before + 86_300_000)
      })
    })

    describe('keeping', () => {
      it('forgets events, their deliveries and answers that are too old, and nothing else', async () => {
        await store.write(A, [], async (unit) => {
          for (const kind of ['event', '_answer', 'customer']) {
            unit.put(kind, { id: `${kind}_old`, object: kind, created: 100 })
            unit.put(kind, { id: `${kind}_new`, object: kind, created: 200 })
          }
          unit.deliver(delivery('d_old', { event: 'event_old' }))
          unit.deliver(delivery('d_new', { event: 'event_new' }))
        })
        await store.prune({
          account: A,
          eventsBeforeMs: 150_000,
          answersBeforeMs: 150_000,
          maxRequests: 10,
        })
        const reader = await store.read(A)
        expect(idsOf(await reader.list('event', { limit: 9 }))).toEqual(['event_new'])
        expect(await reader.get('_answer', '_answer_old')).toBeUndefined()
        expect(await reader.get('_answer', '_answer_new')).toBeDefined()
        expect(idsOf(await reader.list('customer', { limit: 9 }))).toHaveLength(2)
        expect((await store.deliveries(A, { limit: 9 })).map((one) => one.id)).toEqual(['d_new'])
      })

      it('keeps the newest requests of the log', async () => {
        await store.logRequests([1, 2, 3].map((n) => request(`req_${n}`)))
        await store.prune({ account: A, eventsBeforeMs: 0, answersBeforeMs: 0, maxRequests: 2 })
        expect((await store.requests(A, 9)).map((one) => one.id)).toEqual(['req_3', 'req_2'])
      })

      it('forgets all of one account when reset, and leaves the others alone', async () => {
        for (const account of [A, B])
          await store.write(account, [], async (unit) => {
            unit.put('customer', customer('cus_1', 1))
            unit.schedule(task(`t_${account}`, 1, 'x'))
            unit.deliver(delivery(`d_${account}`, { account }))
          })
        await store.reset(A)
        expect(await (await store.read(A)).get('customer', 'cus_1')).toBeUndefined()
        expect(await (await store.read(A)).dueTasks(9, 9)).toEqual([])
        expect(await store.deliveries(A, { limit: 9 })).toEqual([])
        expect(await (await store.read(B)).get('customer', 'cus_1')).toBeDefined()
      })

      it('puts an account back to a snapshot, order and tasks and deliveries included', async () => {
        await put(A, 'customer', customer('cus_1', 1), customer('cus_2', 1))
        await schedule(store, task('t1', 1, 'cus_1'))
        await deliver(store, delivery('d_1', {}))
        await store.snapshot(A, 'snap_1')
        await put(A, 'customer', { ...customer('cus_1', 1), name: 'later' }, customer('cus_3', 2))
        await store.write(A, [], async (unit) => unit.unschedule('cus_1'))
        expect(await store.restore(A, 'snap_1')).toBe(true)
        const reader = await store.read(A)
        expect(idsOf(await reader.list('customer', { limit: 9 }))).toEqual(['cus_2', 'cus_1'])
        expect(await reader.get('customer', 'cus_1')).not.toHaveProperty('name')
        expect(await reader.dueTasks(9, 9)).toHaveLength(1)
        expect(await store.deliveries(A, { limit: 9 })).toHaveLength(1)
        expect(await store.restore(A, 'snap_none')).toBe(false)
        expect(await store.restore(B, 'snap_1')).toBe(false)
      })

      it('knows which account an address belongs to, and which accounts there are', async () => {
        await put(A, 'checkout.session', { id: 'cs_1', object: 'checkout.session', created: 1 })
        await put(A, '_account', { id: 'account', object: '_account', created: 1 })
        expect(await store.accountOf('checkout.session', 'cs_1')).toBe(A)
        expect(await store.accountOf('checkout.session', 'cs_2')).toBeUndefined()
        expect(await store.accounts()).toEqual([A])
      })
    })
  })
}

function customer(id: string, created: number): Doc {
  return { id, object: 'customer', created }
}

function doc(found: Doc | undefined): Doc {
  if (found === undefined) throw new Error('There is no such document')
  return found
}

function task(id: string, atMs: number, object: string): Task {
  return { id, atMs, type: 'expire', object }
}

function delivery(id: string, differs: Partial<Delivery>): Delivery {
  return {
    id,
    account: A,
    event: 'evt_1',
    eventType: 'customer.created',
    endpoint: 'we_1',
    status: 'pending',
    held: false,
    createdMs: 0,
    nextAtMs: 0,
    attempts: [],
    faults: [],
    cause: 'first',
    ...differs,
  }
}

function request(id: string): Parameters<Store['logRequests']>[0][number] {
  return {
    id,
    account: A,
    atMs: 1,
    method: 'GET',
    path: '/v1/customers',
    route: '/v1/customers',
    status: 200,
    durationMs: 1,
    idempotencyKey: null,
    params: '',
    error: null,
  }
}

async function matching(
  store: Store,
  condition: NonNullable<Parameters<Unit['list']>[1]['conditions']>[number],
): Promise<string[]> {
  const page = await (await store.read(A)).list('charge', { limit: 10, conditions: [condition] })
  return page.data.map((one) => one.id)
}

async function schedule(store: Store, ...tasks: readonly Task[]): Promise<void> {
  await store.write(A, [], async (unit) => {
    for (const one of tasks) unit.schedule(one)
  })
}

async function deliver(store: Store, ...deliveries: readonly Delivery[]): Promise<void> {
  await store.write(A, [], async (unit) => {
    for (const one of deliveries) unit.deliver(one)
  })
}
