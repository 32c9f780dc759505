import { describe, expect, test } from "vitest"
import type { PoolResult } from "../../../../core/schema/desktop.ts"
import { causeOf, groupByCause } from "../../../../core/schema/failure-cause.ts"
import type { Reason } from "../../../../core/schema/outcome.ts"

const closure = (output: string, more: Partial<Reason> = {}): Reason => ({
	phase: "closure",
	message: "a command failed",
	command: "systemctl restart homeserver",
	exit: 1,
	output,
	...more,
})

describe("one cause, in the words of two appliances", () => {
	test.each([
		["times", "2026-11-28T10:00:01Z error", "2026-11-29T23:59:59.123+01:00 error"],
		["clock times", "10:00:01 error", "9:59:59.5 error"],
		["pids", "worker (pid 812) died", "worker (pid 31337) died"],
		["IPv4 addresses and ports", "cannot reach 10.0.0.7:8080", "cannot reach 192.168.1.20:80"],
		["IPv6 addresses", "cannot reach fe80:0:0:1:2:3:4:5", "cannot reach 2001:db8:0:0:1:0:0:9"],
		["UUIDs", "no disk 123e4567-e89b-12d3-a456-426614174000", "no disk 00000000-0000-4000-8000-000000000000"],
		["digests", `not ${"ab".repeat(32)}`, `not ${"01".repeat(32)}`],
		["where a file lies", "no such file: /home/anna/app/auth.tsx", "no such file: /srv/web/auth.tsx"],
		["pointers", "at 0x7ffd12", "at 0x55aa"],
		["runs", "left by 20261123-144712-9f3a2c", "left by 20261124-010203-abcdef"],
		["earlier output", "step 1\nstep 2\nrefused", "refused"],
	])("%s", (_, one, other) => expect(causeOf(closure(one))).toBe(causeOf(closure(other))))
})

describe("different causes stay different", () => {
	test.each<[string, Reason, Reason]>([
		["phases", closure("x"), closure("x", { phase: "checks" })],
		["commands", closure("x"), closure("x", { command: "systemctl restart gunicorn" })],
		["exits", closure("x"), closure("x", { exit: 2 })],
		["a time limit", closure("x"), closure("x", { timedOut: true })],
		["last lines", closure("permission denied"), closure("no space left")],
		["names of files", closure("no such file: /srv/web/auth.tsx"), closure("no such file: /srv/web/app.py")],
		["messages", { phase: "preflight", message: "no room" }, { phase: "preflight", message: "read-only" }],
	])("%s", (_, one, other) => expect(causeOf(one)).not.toBe(causeOf(other)))
})

test("a cause is one plain line, whatever was said", () => {
	const cause = causeOf(closure(`a\u001b[31mred\u202e${"x".repeat(1e6)}`, { command: "echo \u0007; cat" }))
	// biome-ignore lint/suspicious/noControlCharactersInRegex: none may be left
	expect(cause).not.toMatch(/[\u0000-\u001f\u202e]/)
	expect(cause.length).toBeLessThanOrEqual(300)
})

test("results are grouped, the most frequent first, with their appliances", () => {
	const result = (run: string, applianceId: string, reason?: Reason) =>
		({ runId: run, applianceId, outcome: "failed", ...(reason && { reason }) }) as PoolResult
	const grouped = groupByCause([
		result("1", "a", closure("no space left")),
		result("2", "a", closure("pid 1 died")),
		result("3", "b", closure("pid 2 died")),
		result("4", "b", closure("pid 3 died")),
		result("5", "c"),
	])
	expect(grouped.map(({ count, appliances }) => [count, appliances])).toEqual([
		[3, 2],
		[1, 1],
		[1, 1],
	])
	expect(grouped[0]?.cause).toBe("closure: `systemctl restart homeserver`, exit 1: pid … died")
	expect(grouped[0]?.examples.map(({ runId }) => runId)).toEqual(["2", "3", "4"])
})
