import { describe, expect, test } from "vitest"
import type { PoolResult } from "../../../../core/schema/desktop.ts"
import { causeOf, failureWords, groupByCause, MOST_COMPARED } from "../../../../core/schema/failure-cause.ts"
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
		["lengths of time", "gave up after 1.532s", "gave up after 12s"],
		["lengths of time in parts", "took 1h02m03.5s", "took 3m12s"],
		["milliseconds", "slow: 4012ms", "slow: 87ms"],
		["sizes", "needs 1.5GiB more", "needs 300M more"],
		["numbers after an underscore", "worker_1234 died", "worker_7 died"],
		["temporary files", "cannot read /tmp/tmp.Ab3dE9kQ", "cannot read /var/tmp/tmp.zzYx81Qp0L"],
		["temporary files of other programs", "cannot read /tmp/tmpk3v_9x2a", "cannot read /tmp/tmp0qqh1b2c"],
		["short digests", "not 9f3a2c1d", "not 00ab12ffe"],
		["digests after an underscore", "layer_9f3a2c1d failed", "layer_00ab12ffe failed"],
		["IPv6 addresses, shortened", "cannot reach fe80::1", "cannot reach 2001:db8::a:9"],
		["times without marks", "at 20261128T100000Z: x", "at 20261129T235959Z: x"],
		["counts of errors", "error: 12 tests failed", "error: 7 tests failed"],
		["numbered names", "worker-12 died", "worker-7 died"],
		["line and column", "auth.tsx:12:4: unexpected", "auth.tsx:131:27: unexpected"],
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
		["exit statuses that were said", closure("make: exit status 2"), closure("make: exit status 127")],
		["return codes", closure("backup: rc=1"), closure("backup: rc=127")],
		["return codes in JSON", closure('"rc": 1}'), closure('"rc": 127}')],
		["statuses that a program exited with", closure("app exited with 1"), closure("app exited with 2")],
		["values that were returned", closure("hook returned 2"), closure("hook returned 3")],
		["signals", closure("killed by signal 9"), closure("killed by signal 11")],
		["codes of errors", closure("error code 5"), closure("error code 6")],
		["errors", closure("make: *** [all] Error 2"), closure("make: *** [all] Error 127")],
		["errors of curl", closure("returned error: 404"), closure("returned error: 502")],
		["numbers of errors", closure("[Errno 2] open"), closure("[Errno 13] open")],
		["names of errors", closure("ORA-00942: x"), closure("ORA-01017: x")],
		["statuses that came instead", closure("wanted 200, got 503"), closure("wanted 200, got 404")],
		["HTTP statuses", closure("curl: HTTP/1.1 404"), closure("curl: HTTP/1.1 500")],
		["versions in a name", closure("no python3.9"), closure("no python3.11")],
		["versions with a v", closure("needs v1.2.3"), closure("needs v1.3.3")],
		["words of hexadecimal letters", closure("no facade"), closure("no decade")],
		["names that begin with tmp", closure("no tmpwatcher"), closure("no tmpreaper")],
		["messages", { phase: "preflight", message: "no room" }, { phase: "preflight", message: "read-only" }],
	])("%s", (_, one, other) => expect(causeOf(one)).not.toBe(causeOf(other)))
})

test("a cause is one plain line, whatever was said", () => {
	const cause = causeOf(closure(`a\u001b[31mred\u202e${"x".repeat(1e6)}`, { command: "echo \u0007; cat" }))
	// biome-ignore lint/suspicious/noControlCharactersInRegex: none may be left
	expect(cause).not.toMatch(/[\u0000-\u001f\u202e]/)
	expect(cause.length).toBeLessThanOrEqual(300)
})

test.each([
	["numbers", "1.".repeat(5000)],
	["numbers with units", "1s".repeat(5000)],
	["hexadecimal letters", "a".repeat(1e5)],
	["addresses", "a:".repeat(5000)],
	["paths", "/a".repeat(5000)],
	["names of temporary files", "tmp".repeat(5000)],
	["capital letters", "A".repeat(5000)],
	["names of errors", "AA-1".repeat(5000)],
	["names of errors, long", `${"A".repeat(99)}-1 `.repeat(50)],
	["words before statuses", "returned error".repeat(500)],
])("many %s cost little", (_, output) => {
	const from = performance.now()
	for (let index = 0; index < 100; index++) causeOf(closure(output, { command: output }))
	expect(performance.now() - from).toBeLessThan(1500)
})

test("as many failures as are compared may be more", () => {
	expect([0, 1, 9999, MOST_COMPARED].map(failureWords)).toEqual([
		...["0 failures", "1 failure", "9999 failures", "10,000 or more failures"],
	])
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
