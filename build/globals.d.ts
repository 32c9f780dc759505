// What every environment of this project has (Node 18, browsers) and TypeScript's own library leaves to "dom" or "node".
interface AbortSignal {
	readonly aborted: boolean
	readonly reason: unknown
	addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void
	removeEventListener(type: "abort", listener: () => void): void
	throwIfAborted(): void
}
