interface Followed {
	count: number
	stop: AbortController
}

/** Things that are followed while somebody looks at them, however many do. */
export interface Followers {
	/** Begins with the first who asks; ends when everyone has called what is returned. */
	follow(id: string): () => void
	/** Ends what goes on and begins anew, where somebody still looks. */
	again(id: string): void
}

/** `begin` starts to follow until its signal; `end` is told when nobody looks any more. */
export function createFollowers(
	begin: (id: string, signal: AbortSignal) => void,
	end: (id: string) => void = () => {},
): Followers {
	const all = new Map<string, Followed>()
	const start = (id: string, count: number): Followed => {
		const followed = { count, stop: new AbortController() }
		all.set(id, followed)
		begin(id, followed.stop.signal)
		return followed
	}
	const leave = (id: string) => {
		const followed = all.get(id)
		if (!followed) return
		followed.count -= 1
		if (followed.count > 0) return
		all.delete(id)
		followed.stop.abort()
		end(id)
	}
	return {
		follow(id) {
			const followed = all.get(id) ?? start(id, 0)
			followed.count += 1
			let hasLeft = false
			return () => {
				if (hasLeft) return
				hasLeft = true
				leave(id)
			}
		},
		again(id) {
			const followed = all.get(id)
			if (!followed) return
			followed.stop.abort()
			start(id, followed.count)
		},
	}
}
