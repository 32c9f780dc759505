import { expect, test } from "vitest"
import type { AnyEvent, FileAction } from "../../../core/schema/event.ts"
import { addFileEvent, type FileChange, makeRow, searchRows } from "../../../renderer/views/history/journal-events.ts"

const [old, fresh] = ["a".repeat(64), "b".repeat(64)]
const event = (rest: object) => ({ seq: 1, time: "2026-01-01T00:00:00Z", run: "r", ...rest }) as AnyEvent

type Step = [action: FileAction, digest?: string]
test.each<[name: string, steps: Step[], before: string | undefined, after: string | undefined]>([
	[
		"replaced",
		[
			["backed-up", old],
			["replaced", fresh],
			["verified", fresh],
		],
		old,
		fresh,
	],
	["made where there was none", [["backed-up"], ["created", fresh]], undefined, fresh],
	[
		"put back",
		[
			["backed-up", old],
			["replaced", fresh],
			["restored", old],
		],
		old,
		old,
	],
	["removed again", [["backed-up"], ["created", fresh], ["removed"]], undefined, undefined],
])("a file that was %s", (_, steps, before, after) => {
	const files = new Map<string, FileChange>()
	for (const [action, digest] of steps)
		addFileEvent(
			files,
			event({
				type: "file",
				pool: "web",
				phase: "apply",
				destination: "/srv/a",
				action,
				...(digest && { digest, size: 7 }),
			}),
		)
	const [file] = files.values()
	const content = (digest: string | undefined) => digest && { digest, size: 7 }
	expect([file?.before, file?.after]).toEqual([content(before), content(after)])
})

test("rows are found by all of their words; what could deceive a reader is made visible", () => {
	const rows = [
		makeRow(event({ type: "command-output", pool: "web", text: "nginx: emerg \u202egnp.exe" })),
		makeRow(event({ type: "of-a-newer-runner", detail: { port: 80 } })),
	]
	expect(searchRows(rows, "EMERG web")).toEqual([rows[0]])
	expect(searchRows(rows, "newer 80")).toEqual([rows[1]])
	expect(searchRows(rows, "emerg 80")).toEqual([])
	expect(searchRows(rows, " ")).toEqual(rows)
	expect(rows[0]?.words).not.toContain("\u202e")
	expect(makeRow(event({ type: "command-output", text: "x".repeat(9000) })).words.length).toBeLessThan(2100)
})
