import { expect, test } from "vitest"
import type { CommandResult } from "../../../../core/engine/closure/command-result.ts"
import { commandReason, faultsReason, withFaults } from "../../../../core/engine/pool/reason.ts"

const ran: CommandResult = { index: 0, command: "npm test", durationMs: 2000, lastOutput: "", cutBytes: 0 }
const many = (count: number) => Array.from({ length: count }, (_, index) => `fault ${index + 1}`)

test.each<[string, Partial<CommandResult>, object]>([
	["an exit", { exit: 2 }, { message: "command failed with exit status 2", exit: 2 }],
	["what it said", { exit: 2, lastOutput: "no\n" }, { exit: 2, output: "no\n" }],
	["a signal", { signal: "SIGKILL" }, { message: "command ended the shell with SIGKILL", signal: "SIGKILL" }],
	["a time-out", { timedOut: true }, { message: "command ran out of time after 2 s", timedOut: true }],
])("a command's reason gives %s, and nothing that is not known", (_, result, expected) => {
	const reason = commandReason("closure", { ...ran, ...result })
	expect(reason).toStrictEqual({ phase: "closure", message: reason.message, command: "npm test", ...expected })
})

test("the first fault is the reason, the others are its details", () => {
	expect(faultsReason("restore", [])).toBeUndefined()
	expect(faultsReason("restore", ["one"])).toStrictEqual({ phase: "restore", message: "one" })
	expect(faultsReason("restore", ["one", "two"])).toStrictEqual({ phase: "restore", message: "one", details: ["two"] })
})

test("faults of the way back come after the details that are there", () => {
	const reason = { phase: "apply", message: "it failed" } as const
	expect(withFaults(reason, [])).toStrictEqual(reason)
	expect(withFaults(reason, ["one"])).toStrictEqual({ ...reason, details: ["one"] })
	expect(withFaults({ ...reason, details: ["one"] }, ["two"])).toStrictEqual({ ...reason, details: ["one", "two"] })
})

test("fifty details are shown, the rest is counted", () => {
	const reason = { phase: "apply", message: "it failed" } as const
	expect(withFaults(reason, many(50)).details).toStrictEqual(many(50))
	expect(withFaults(reason, many(53)).details).toStrictEqual([...many(50), "and 3 more"])
})
