export { load } from '../checkout/+layout.server.ts'
