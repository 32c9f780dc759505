/** How many items a sender may still send before the reader asks for more. */
export interface Credit {
	/** Waits for leave to send one item; false when the reader wants none any more. */
	take(): Promise<boolean>
	give(items: number): void
	end(): void
}

export function createCredit(items: number): Credit {
	let left = items
	let ended = false
	let wake = () => {}
	return {
		async take() {
			while (left === 0 && !ended) {
				await new Promise<void>((resolve) => {
					wake = resolve
				})
			}
			if (ended) return false
			left--
			return true
		},
		give(more) {
			left += more
			wake()
		},
		end() {
			ended = true
			wake()
		},
	}
}
