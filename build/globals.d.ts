// What every environment of this project has (Node 18, browsers) and TypeScript's own library leaves to "dom" or "node".
interface AbortSignal {
	readonly aborted: boolean
	readonly reason: unknown
	addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void
	removeEventListener(type: "abort", listener: () => void): void
	throwIfAborted(): void
}

interface AbortController {
	readonly signal: AbortSignal
	abort(reason?: unknown): void
}
declare var AbortController: { new (): AbortController }

interface TextEncoder {
	encode(text?: string): Uint8Array<ArrayBuffer>
}
declare var TextEncoder: { new (): TextEncoder }

interface TextDecoder {
	decode(bytes?: Uint8Array, options?: { stream?: boolean }): string
}
declare var TextDecoder: { new (label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean }): TextDecoder }
