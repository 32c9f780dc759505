import { createHash } from "node:crypto"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { completePlan } from "../../../../../core/fleet/services/complete-plan.ts"
import type { Plan, PlannedOperation, PlannedPool } from "../../../../../core/schema/plan.ts"

const sha256 = (data: string | Buffer) => createHash("sha256").update(data).digest("hex")

let folder: string
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "hotfix-complete-"))
	mkdirSync(join(folder, "src"))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const operation: PlannedOperation = {
	target: "a",
	destination: "/etc/a",
	change: "replace",
	sizeBefore: 4,
	sizeAfter: 4,
	makes: [],
	drift: "ours",
	faults: [],
}
const pool: Omit<PlannedPool, "operations"> = {
	pool: "p",
	description: "",
	would: "apply",
	checks: [],
	closure: [],
	timeoutSeconds: 1,
	warnings: [],
}
const plan: Omit<Plan, "pools"> = {
	module: { name: "m", version: "1.0.0", digest: sha256("") },
	finalClosure: [],
	space: { neededBytes: 0, freeBytes: 0 },
	spaces: [],
	interrupted: [],
	findings: [],
}
const complete = async (
	more: Partial<PlannedOperation>,
	content: string | Buffer,
	published: string | Buffer = content,
) => {
	if (content !== "gone") writeFileSync(join(folder, "src/a"), content)
	const source = { target: "a", digest: sha256(published), size: Buffer.byteLength(published), mode: 0o644 }
	const manifest = { name: "m", index: "", sources: [source], digest: sha256("") }
	const whole: Plan = { ...plan, pools: [{ ...pool, operations: [{ ...operation, ...more }] }] }
	const [completed] = (await completePlan(whole, folder, manifest)).pools
	expect(completed?.operations[0]).not.toHaveProperty("before")
	return completed?.operations[0]?.diff
}

test("the difference of the old text and the source", async () => {
	expect(await complete({ before: "old\n" }, "new\n")).toBe("--- /etc/a\n+++ /etc/a\n@@ -1,1 +1,1 @@\n-old\n+new\n")
	expect(await complete({ before: "old\n", linkTo: "/opt/a" }, "new\n")).toMatch(/^--- \/opt\/a\n/)
})

test("what the appliance compared itself stays as it is", async () => {
	expect(await complete({ diff: "theirs" }, "new\n")).toBe("theirs")
})

type Row = [name: string, more: Partial<PlannedOperation>, content: string | Buffer, published?: string]
const rows: Row[] = [
	["no old text", {}, "new\n"],
	["a target that the module does not have", { before: "old\n", target: "b" }, "new\n"],
	["a source that is no text", { before: "old\n" }, Buffer.from([0, 1])],
	["a source that is too long", { before: "old\n" }, "x".repeat((1 << 20) + 1)],
	["a source that changed since", { before: "old\n" }, "newer\n", "new\n"],
	["a source that grew since", { before: "old\n" }, "new\n".repeat(100), "new\n"],
	["a source that is gone", { before: "old\n" }, "gone", "new\n"],
]
test.each(rows)("%s: no difference, and no failure", async (_name, more, content, published) => {
	expect(await complete(more, content, published ?? content)).toBeUndefined()
})
