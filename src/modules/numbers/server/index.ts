export { exportTable, isTable, tables, type Table } from './export.ts'
export { figuresOf, sumsOf } from './figures.ts'
export { kindsOfMoney } from './store.ts'
