import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { expect, onTestFinished, test, vi } from "vitest"
import { openSession } from "../../core/fleet/ssh/session.ts"
import { applianceOf, failureOf, makeAccess, makeAsker, refuse, trust } from "../support/ssh/access.ts"
import { startStranger } from "../support/ssh/strangers.ts"

test.each([
	["refuses", refuse],
	["trusts", trust],
])(
	"a person who %s a host key after the server has gone gets a failure; the program lives on",
	async (_name, answer) => {
		const folder = await mkdtemp(join(tmpdir(), "late-answer-"))
		const stranger = await startStranger(folder, "alpha")
		onTestFinished(async () => {
			await stranger.stop()
			await rm(folder, { recursive: true, force: true, maxRetries: 20 })
		})
		const unhandled = vi.fn()
		process.on("unhandledRejection", unhandled)
		onTestFinished(() => void process.off("unhandledRejection", unhandled))
		const asker = makeAsker(async () => {
			await stranger.stop()
			await sleep(200)
			return answer
		})
		const signIn = { method: "key" as const, path: stranger.keyPath }
		const failure = await failureOf(
			openSession(applianceOf(stranger, { signIn }), { ...(await makeAccess(undefined)), asker }),
		)
		expect(["connection-lost", "refused"]).toContain(failure.code)
		expect(asker.asked).toHaveLength(1)
		await sleep(100)
		expect(unhandled).not.toHaveBeenCalled()
	},
)
