import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { makeLayout } from "../../../../core/engine/layout.ts"
import { planModule } from "../../../../core/engine/plan.ts"
import type { PlannedOperation, PlannedPool } from "../../../../core/schema/plan.ts"
import { wholeTree } from "../../../support/whole-tree.ts"
import { createWorkbench, type TestModule, type Workbench } from "./workbench.ts"

/**
 * Given, step by step: `a=x` puts a file, `a=x:600` with this mode, `l>a` a link, `d/` a folder, `-a` takes a file away, `%` spoils the
 * backups;
 * `1.0.0 p{a=x b=y}` applies a module. Then the module that is planned; `?` before a pool: not selected; `!`: a rehearsal,
 * `+`: forced.
 * Expected: a line for each pool: `p apply: a replace ours; ...`; with `@q` where pool q writes it first, `>a` for a link,
 * `+d` for a folder that is made, `1>2` for sizes, before them modes; `~2`: two files that stay
 * as their owner changed them.
 */
const rows: [name: string, given: string, planned: string, ...expected: string[]][] = [
	["a new file", "", "1.0.0 p{a=xx}", "p apply: a create missing 2"],
	["a file of the customer's", "a=x", "1.0.0 p{a=xx}", "p apply: a replace never-ours 1>2"],
	["as it shall be, never ours", "a=x", "1.0.0 p{a=x}", "p apply: a unchanged never-ours 1>1"],
	["other mode only", "a=x:600", "1.0.0 p{a=x}/640", "p apply: a mode-only never-ours 0600>0640 1>1"],
	["other mode and content", "a=x:600", "1.0.0 p{a=y}/640", "p apply: a replace never-ours 0600>0640 1>1"],
	["ours as we wrote it", "1.0.0 p{a=x}", "1.0.1 p{a=y}", "p apply: a replace ours 1>1"],
	["ours, changed since", "1.0.0 p{a=x} a=zzz", "1.0.1 p{a=y}", "p apply: a replace changed 3>1"],
	["ours, gone since", "1.0.0 p{a=x} -a", "1.0.1 p{a=y}", "p apply: a create missing 1"],
	["changed to what it shall be", "1.0.0 p{a=x} a=y", "1.0.1 p{a=y}", "p apply: a unchanged changed 1>1"],
	["folders are made", "", "1.0.0 p{d/e/a=x}", "p apply: d/e/a create missing +d +d/e 1"],
	["a link is written through", "a=x l>a", "1.0.0 p{l=y}", "p apply: l replace never-ours >a 1>1"],
	["a link to nothing", "l>a", "1.0.0 p{l=y}", "p fail-preflight: l blocked missing 1"],
	["a folder in its place", "a/", "1.0.0 p{a=y}", "p fail-preflight: a blocked missing 1"],
	["one of two is blocked", "b/", "1.0.0 p{a=x b=y}", "p fail-preflight: a create missing 1; b blocked missing 1"],
	[
		"the same file twice",
		"a=x l>a",
		"1.0.0 p{a=y l=z}",
		"p fail-preflight: a replace never-ours 1>1; l replace never-ours >a 1>1",
	],
	["applied at this version", "1.0.0 p{a=x}", "1.0.0 p{a=x}", "p unchanged: a unchanged ours 1>1"],
	["not selected", "", "1.0.0 p{a=x} ?q{b=y}", "p apply: a create missing 1", "q skip: b create missing 1"],
	[
		"another pool writes it first",
		"a=x",
		"1.0.0 p{a=yy} q{a=zzz}",
		"p apply: a replace never-ours 1>2",
		"q apply: a replace never-ours @p 2>3",
	],
	[
		"another pool writes the same first",
		"a=x",
		"1.0.0 p{a=yy} q{a=yy}",
		"p apply: a replace never-ours 1>2",
		"q apply: a unchanged never-ours @p 2>2",
	],
	[
		"another pool makes it first",
		"",
		"1.0.0 p{d/a=x} q{d/b=y}",
		"p apply: d/a create missing +d 1",
		"q apply: d/b create missing 1",
	],
	[
		"through a link, the third of three",
		"a=x l>a",
		"1.0.0 p{a=1} q{l=22} r{a=333}",
		"p apply: a replace never-ours 1>1",
		"q apply: l replace never-ours @p >a 1>2",
		"r apply: a replace never-ours @q 2>3",
	],
	[
		"a pool that would fail leaves nothing",
		"a=x b/",
		"1.0.0 p{a=yy b=1} q{a=zzz}",
		"p fail-preflight: a replace never-ours 1>2; b blocked missing 1",
		"q apply: a replace never-ours 1>3",
	],
	[
		"in a rehearsal each finds the disk as it is",
		"a=x",
		"1.0.0! p{a=yy} q{a=zzz}",
		"p apply: a replace never-ours 1>2",
		"q apply: a replace never-ours 1>3",
	],
	[
		"applied already, the later one is held against what is there",
		"1.0.0 p{a=x}",
		"1.0.0! p{a=x}",
		"p apply: a unchanged ours 1>1",
	],
	[
		"going back: the original, and none",
		"b=mine 1.0.0 p{a=x} 2.0.0 p{a=xx b=yy c=zz}",
		"1.0.0 p{a=x}",
		"p apply: a replace ours 2>1; b restore-original ours 2>4; c remove ours 2>0",
	],
	[
		"going back: what its owner changed since stays",
		"b=mine 1.0.0 p{a=x} 2.0.0 p{a=xx b=yy c=zz} b=mine -c",
		"1.0.0 p{a=x}",
		"p apply ~2: a replace ours 2>1",
	],
	[
		"going back, forced: what is the original already",
		"b=mine 1.0.0 p{a=x} 2.0.0 p{a=xx b=yy c=zz} b=mine -c",
		"1.0.0+ p{a=x}",
		"p apply: a replace ours 2>1; b unchanged changed 4>4; c unchanged missing 0",
	],
	[
		"going back: the original is damaged",
		"b=mine 1.0.0 p{a=x} 2.0.0 p{a=xx b=yy} %",
		"1.0.0 p{a=x}",
		"p fail-preflight: a replace ours 2>1; b blocked ours 2>4",
	],
	[
		"going back: a pool that the lower version lacks",
		"b=mine 1.0.0 p{a=x} 2.0.0 p{a=xx} q{b=yy}",
		"1.0.0 p{a=x}",
		"p apply: a replace ours 2>1",
		"q apply: b restore-original ours 2>4",
	],
	[
		"going back, forced: a folder stands where the original was",
		"b=mine 1.0.0 p{a=x} 2.0.0 p{a=xx} q{b=yy} -b b/",
		"1.0.0+ p{a=x}",
		"p apply: a replace ours 2>1",
		"q fail-preflight: b blocked missing 4",
	],
]

let bench: Workbench
beforeEach(() => {
	bench = createWorkbench()
})
afterEach(() => bench.remove())

test.each(rows)("%s", async (_name, given, planned, ...expected) => {
	for (const step of words(given)) await perform(step)
	const { module, ...selection } = parseModule(planned)
	const onHost = bench.module(module)
	const before = wholeTree(bench.folder)
	const request = { ...selection, allowDowngrade: true, modify: false } as const
	const plan = await planModule(bench.host, bench.options, onHost, request)
	expect(wholeTree(bench.folder)).toEqual(before)
	expect(plan.pools.map(printPool)).toEqual(expected)
})

/** `1.0.0 p{a=x b=y} q{...}` is one step, as is any other word. */
function words(given: string): string[] {
	return given.match(/\d\S*(?: \S+?\{[^}]*\}\S*)+|\S+/g) ?? []
}

async function perform(step: string): Promise<void> {
	if (/^\d/.test(step)) {
		const { result, outcomes } = await bench.apply(parseModule(step).module)
		expect([result.state, ...Object.values(outcomes)]).not.toContain("failed")
	} else if (step === "%") spoilBackups()
	else if (step.startsWith("-")) rmSync(bench.path(step.slice(1)))
	else if (step.endsWith("/")) mkdirSync(bench.path(step.slice(0, -1)))
	else if (step.includes(">")) symlinkSync(step.split(">")[1] ?? "", bench.path(step.split(">")[0] ?? ""))
	else {
		const [name = "", content = "", mode = "644"] = step.split(/[=:]/)
		bench.write(name, content, Number.parseInt(mode, 8))
	}
}

function spoilBackups(): void {
	const blobs = makeLayout(bench.options.stateFolder).blobs
	for (const name of readdirSync(blobs)) writeFileSync(join(blobs, name), "spoilt")
}

function parseModule(text: string): {
	module: TestModule
	pools?: string[]
	kind: "apply" | "rehearse"
	force: boolean
} {
	const found = [...text.matchAll(/(\??)(\w+)\{([^}]*)\}(?:\/(\d+))?/g)]
	const pools = found.map(([, , id = "", files = "", mode]) => ({
		id,
		files: Object.fromEntries(files.split(" ").map((file) => file.split("=") as [string, string])),
		...(mode === undefined ? {} : { permissions: { mode } }),
	}))
	const [, version = "", rehearsal] = /^([\d.]+)(!?)/.exec(text) ?? []
	const chosen = found.flatMap(([, isLeftOut, id = ""]) => (isLeftOut ? [] : [id]))
	const isSelection = chosen.length < pools.length
	return {
		module: { version, pools },
		...(isSelection ? { pools: chosen } : {}),
		kind: rehearsal ? "rehearse" : "apply",
		force: /^[\d.]+\+/.test(text),
	}
}

function printPool({ pool, would, operations, warnings }: PlannedPool): string {
	const staying = warnings.filter((warning) => warning.includes("stays as it is")).length
	return `${pool} ${would}${staying > 0 ? ` ~${staying}` : ""}: ${operations.map(printOperation).join("; ")}`
}

function printOperation(operation: PlannedOperation): string {
	const { destination, change, drift, writtenBy, linkTo, makes, sizeBefore, sizeAfter, permissions } = operation
	const modeOf = (text: string) => text.split(" ")[0]
	const below = (path: string) => path.slice(bench.path("").length).replace(/^\//, "")
	return [
		below(destination),
		change,
		drift,
		...(writtenBy === undefined ? [] : [`@${writtenBy}`]),
		...(linkTo === undefined ? [] : [`>${below(linkTo)}`]),
		...makes.map((folder) => `+${below(folder)}`),
		...(permissions === undefined ? [] : [`${modeOf(permissions.before)}>${modeOf(permissions.after)}`]),
		sizeBefore === undefined ? sizeAfter : `${sizeBefore}>${sizeAfter}`,
	].join(" ")
}
