import { createHmac } from 'node:crypto'

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** What an authenticator app shows for a secret (base32, spaces allowed) in a step of 30 seconds (RFC 6238, RFC 4226). */
export function codeOfStep(secret: string, step: number): string {
  const bits = [...secret.replaceAll(' ', '')]
    .map((letter) => base32.indexOf(letter).toString(2).padStart(5, '0'))
    .join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', key).update(counter).digest()
  const at = mac.readUInt8(19) & 15
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

/** Real time, as on the phone it stands for: the shop's one clock may be elsewhere. */
function presentStep(): number {
  return Math.floor(Date.now() / 30_000)
}

/** An app in somebody's hand, which shows a new code each time it is asked. */
export class AuthenticatorApp {
  readonly #secret: string
  #last = 0

  constructor(secret: string) {
    this.#secret = secret
  }

  /**
   * A code that is good now and was not shown before: that of the present step, or of the next one, which is taken early. Who
   * asks for a third within half a minute waits for it.
   */
  async code(): Promise<string> {
    for (;;) {
      const present = presentStep()
      const step = Math.max(present, this.#last + 1)
      if (step <= present + 1) {
        this.#last = step
        return codeOfStep(this.#secret, step)
      }
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
  }

  /** A code that is not good now. */
  wrongCode(): string {
    const present = presentStep()
    const near = [-2, -1, 0, 1, 2, 3].map((delta) => codeOfStep(this.#secret, present + delta))
    for (let number = 0; ; number++) {
      const code = String(number).padStart(6, '0')
      if (!near.includes(code)) return code
    }
  }
}
