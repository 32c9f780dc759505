import { setTimeout as wait } from "node:timers/promises"
import { Members, type Sought } from "./shell-members.ts"

const LOOK_AGAIN_MS = 20
/** Those that not even KILL ends within this time hang in the kernel. */
const KILL_LIMIT_MS = 3000

/** Ends all members: TERM, after the grace KILL, again and again until none is found. Returns how many are left. */
export async function endMembers(sought: Sought, graceMilliseconds: number): Promise<number> {
	const members = new Members(sought)
	// A stopped program takes TERM only when it goes on.
	members.signal("SIGTERM", "SIGCONT")
	if (await isGoneWithin(graceMilliseconds, () => members.count())) return 0
	if (await isGoneWithin(KILL_LIMIT_MS, () => members.signal("SIGKILL"))) return 0
	return members.count()
}

/** A program is not seen for a moment while it changes into another; none is believed only when seen so often. */
const EMPTY_LOOKS = 3

async function isGoneWithin(milliseconds: number, count: () => number): Promise<boolean> {
	const limit = performance.now() + milliseconds
	for (let empty = 0; ; ) {
		empty = count() === 0 ? empty + 1 : 0
		if (empty === EMPTY_LOOKS) return true
		if (empty === 0 && performance.now() > limit) return false
		await wait(LOOK_AGAIN_MS)
	}
}
