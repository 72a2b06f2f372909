import type { Metadata } from '../params.ts'

export type WebhookEndpoint = {
  id: string
  object: 'webhook_endpoint'
  api_version: string | null
  application: null
  created: number
  description: string | null
  enabled_events: readonly string[]
  livemode: false
  metadata: Metadata
  status: 'enabled' | 'disabled'
  url: string
}

/** What an endpoint never shows again: its secrets. Under the endpoint's id. */
export type EndpointRecord = {
  id: string
  object: '_endpoint'
  created: number
  secret: string
  /** The secret before the last roll still signs until this sandbox instant. */
  previous: { secret: string; untilMs: number } | null
  /** Sandbox instant since which nothing was accepted; null when the last attempt was. */
  failingSinceMs: number | null
}
