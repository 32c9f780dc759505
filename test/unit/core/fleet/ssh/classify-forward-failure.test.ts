import { expect, test } from "vitest"
import { classifyForwardFailure } from "../../../../../core/fleet/ssh/classify-forward-failure.ts"
import { sentenceOf } from "../../../../../core/schema/sentences.ts"

const jump = { host: "gate", port: 24 }
const to = { host: "web", port: 22 }
const refusedBy = (reason: number, said: string) =>
	Object.assign(new Error(`(SSH) Channel open failure: ${said}`), { reason })

/** What OpenSSH 9.2 was seen to say, and what it means. */
test.each([
	[1, "open failed", "jump-refused", { ...jump, target: "web:22", reason: "open failed" }],
	[1, "Connection refused", "jump-refused", { ...jump, target: "web:22", reason: "connection refused" }],
	[2, "Connection refused", "refused", to],
	[2, "Connection timed out", "timed-out", { ...to, phase: "connect" }],
	[2, "No route to host", "unreachable", { ...to, reason: "no route to host" }],
	[2, "Network is unreachable", "unreachable", { ...to, reason: "network is unreachable" }],
	[2, "Name or service not known", "name-not-found", { host: "web", temporary: false }],
	[2, "Temporary failure in name resolution", "name-not-found", { host: "web", temporary: true }],
	[2, "something new", "unreachable", { ...to, reason: "something new" }],
	[4, "resource shortage", "unreachable", { ...to, reason: "resource shortage" }],
	[3, "unknown channel type", "jump-refused", { ...jump, target: "web:22", reason: "unknown channel type" }],
])("reason %i, %s", (reason, said, code, data) => {
	const { failure } = classifyForwardFailure(refusedBy(reason, said), jump, to)
	expect(failure).toEqual({ code, data })
	expect(sentenceOf(failure).what).toContain(code === "jump-refused" ? "gate port 24" : "web")
})

test("an address of IPv6 is named with brackets", () => {
	const { failure } = classifyForwardFailure(refusedBy(1, "no"), jump, { host: "fe80::1", port: 22 })
	expect(failure.data.target).toBe("[fe80::1]:22")
})
