import { ownerOnly } from '#modules/accounts/server/index.ts'
import { newAddress, noAddress, shownAddress } from '../../../../calendar-address.server.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = (event) => shownAddress(event, ownerOnly)

export const actions: Actions = {
  make: async (event) => newAddress(event, ownerOnly),
  drop: async (event) => noAddress(event, ownerOnly),
}
