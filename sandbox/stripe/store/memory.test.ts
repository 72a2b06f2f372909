import { MemoryStore } from './memory.ts'
import { describeStore } from './store.contract.ts'

describeStore('the memory store', async () => new MemoryStore())
