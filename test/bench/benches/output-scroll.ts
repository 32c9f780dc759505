import type { Page } from "@playwright/test"
import type { Bench } from "../bench.ts"
import { longestFrame, startLiveRun } from "../live-page.ts"

const BYTES = 100_000_000
const LINES_A_PIECE = 1000
const FRAMES = 120

/** 100 MB of output scrolled from end to end in 120 steps, and back: the longest frame. */
export const bench: Bench = {
	name: "output-scroll",
	pairs: 5,
	targets: [{ milliseconds: 100 }],
	async setUp(folder) {
		const run = await startLiveRun(folder)
		const piece = "[info] compiling src/components/page.tsx for production\n".repeat(LINES_A_PIECE)
		const pieces = Math.ceil(BYTES / piece.length)
		for (let at = 0; at < pieces; at++) run.print(piece)
		await run.seen(pieces * LINES_A_PIECE)
		return {
			reset: async () => void (await longestFrame(run.page).catch(() => undefined)),
			async ours() {
				await scroll(run.page, FRAMES)
				return { milliseconds: (await longestFrame(run.page)).longest }
			},
			end: run.close,
		}
	},
}

function scroll(page: Page, frames: number): Promise<void> {
	return page.getByRole("region", { name: "Output of print" }).evaluate(async (box, frames) => {
		for (let at = 0; at <= frames * 2; at++) {
			box.scrollTop = (box.scrollHeight * (frames - Math.abs(frames - at))) / frames
			await new Promise(requestAnimationFrame)
		}
		if (!/\d/.test(box.textContent ?? "")) throw new Error("cannot scroll: no line is shown")
	}, frames)
}
