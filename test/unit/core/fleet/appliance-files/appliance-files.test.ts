import { appendFile, chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { createRootedHost } from "../../../../../core/engine/node-host/rooted-host.ts"
import { digestOf } from "../../../../../core/fleet/digest.ts"
import type { Services } from "../../../../../core/fleet/services/types.ts"
import { createServices } from "../../../../../core/fleet/services.ts"
import type { RunnerPort } from "../../../../../core/protocol/runner-port.ts"
import { createInProcessLaunch } from "../../../../../core/runner/jobs/launch.ts"
import { createLocalRunner } from "../../../../../core/runner/local-runner.ts"
import type { Comparing } from "../../../../../core/schema/appliance-compare.ts"
import { FailureError } from "../../../../../core/schema/failure.ts"
import { compareFiles } from "../../../../../core/schema/variants.ts"

let base: string
let services: Services
let folder: string
/** Connections that were opened; those to `lost` are refused. */
let opened: string[]
let between: (port: RunnerPort) => RunnerPort
/** What a connection waits for before it is open. */
let greeting: Promise<void>
const ids = new Map<string, string>()

const root = (appliance: string, path = "") => join(base, appliance, path)
const idOf = (name: string) => ids.get(name) ?? ""

async function write(appliance: string, path: string, content: string | Uint8Array, mode = 0o644) {
	await mkdir(dirname(root(appliance, path)), { recursive: true })
	await writeFile(root(appliance, path), content)
	await chmod(root(appliance, path), mode)
}

beforeEach(async () => {
	base = await mkdtemp(join(tmpdir(), "appliance-files-"))
	opened = []
	between = (port) => port
	greeting = Promise.resolve()
	services = await createServices({
		dataFolder: join(base, "data"),
		host: "browser",
		version: "1",
		runnerBundle: "none",
		sshConfig: null,
		connect: async ({ name }) => {
			opened.push(name)
			await greeting
			if (name === "lost") throw new FailureError("refused", { host: "lost" })
			const options = { stateFolder: join(base, `state-${name}`), runnerVersion: "1" }
			const host = createRootedHost({ root: root(name), keep: [options.stateFolder] })
			return between(createLocalRunner({ host, options, launch: createInProcessLaunch() }))
		},
	})
	for (const name of ["a", "b", "c", "lost"]) {
		await mkdir(root(name))
		const given = { name, host: name, port: 22, user: "root", signIn: { method: "agent" }, become: "none" } as const
		ids.set(name, services.appliances.save({ ...given, tags: [], notes: "" }).id)
	}
	folder = (await services.library.create({ name: "fix" })).folder
})
afterEach(async () => {
	await services.close()
	await rm(base, { recursive: true, force: true, maxRetries: 20 })
})

/** What was fetched and did not become a source. */
const uploads = () => readdir(join(base, "data/uploads", String(process.pid)))
const fetch = (...files: { path: string; target?: string; replaces?: string; digest?: string }[]) =>
	services.applianceFiles.fetch({ applianceId: idOf("a"), folder, files })

/** All of a comparison, as the interface shows it in the end. */
async function compare(names: string[], paths?: string[]) {
	const { sources } = await services.library.open(folder)
	const failed: Comparing[] = []
	const seen: Extract<Comparing, { kind: "seen" }>[] = []
	let asked: Extract<Comparing, { kind: "asked" }> | undefined
	for await (const item of services.applianceFiles.compare({ folder, applianceIds: names.map(idOf), paths })) {
		if (item.kind === "asked") asked = item
		else if (item.kind === "seen") seen.push(item)
		else failed.push(item)
	}
	const answers = names.flatMap((name) => seen.filter(({ id }) => id === idOf(name)))
	return { files: compareFiles(asked?.files ?? [], sources, answers), failed, left: asked?.left }
}

async function writeIndex(operations: { target: string; destination: string }[]) {
	const pools = [{ id: "p", description: "", operations, closure: ["true"] }]
	const index = { metadata: { schema_version: "1.0.0", description: "" }, pools, finalClosure: [] }
	await writeFile(join(folder, "index.json"), JSON.stringify(index))
}

test("a file is fetched whole into src/, with its destination, owner and mode", async () => {
	const content = Buffer.alloc(1_200_000, "hotfix ")
	await write("a", "usr/bin/tool", content, 0o4750)
	await symlink("tool", root("a", "usr/bin/link"))
	const [result] = await fetch({ path: "/usr/bin/link" })
	expect(result).toMatchObject({
		path: "/usr/bin/link",
		realPath: "/usr/bin/tool",
		result: { state: "done", target: "usr/bin/link" },
		operation: { target: "usr/bin/link", destination: "/usr/bin/link", permissions: { mode: "4750" } },
	})
	expect((await readFile(join(folder, "src/usr/bin/link"))).equals(content)).toBe(true)
	expect((await stat(join(folder, "src/usr/bin/link"))).mode & 0o100).toBe(0o100)
	const { owner, group } = result?.operation?.permissions ?? {}
	expect([owner, group]).not.toContain(undefined)
})

test("an empty file, one that fails, one that is there already and one that may be replaced", async () => {
	await write("a", "etc/empty", "")
	await write("a", "etc/b.conf", "theirs")
	await write("a", "etc/.git/config", "hidden")
	const results = await fetch(
		{ path: "/etc/empty" },
		{ path: "/etc" },
		{ path: "/etc/b.conf" },
		{ path: "/etc/.git/config" },
	)
	expect(results.map(({ result }) => result.state)).toEqual(["done", "failed", "done", "failed"])
	expect(results[1]).toMatchObject({ result: { failure: { code: "file-unreadable", data: { reason: "a-folder" } } } })
	expect(results[1]?.operation).toBeUndefined()
	expect(results[3]).toMatchObject({ result: { failure: { code: "source-refused" } } })
	await writeFile(join(folder, "src/etc/b.conf"), "ours")
	const [again] = await fetch({ path: "/etc/b.conf" })
	expect(again).toMatchObject({ result: { state: "conflict" } })
	expect(await readFile(join(folder, "src/etc/b.conf"), "utf8")).toBe("ours")
	const replaces = again?.result.state === "conflict" ? again.result.digest : undefined
	expect(await uploads()).toEqual([])
	await fetch({ path: "/etc/b.conf", ...(replaces !== undefined && { replaces }) })
	expect(await readFile(join(folder, "src/etc/b.conf"), "utf8")).toBe("theirs")
})

test("a file that changes while it is fetched is no source", async () => {
	await write("a", "log", Buffer.alloc(600_000, "x"))
	between = (port) => ({
		...port,
		readFile: async (request) => {
			const piece = await port.readFile(request)
			await appendFile(root("a", "log"), "more")
			return piece
		},
	})
	expect(await fetch({ path: "/log" })).toMatchObject([{ result: { failure: { code: "changed-meanwhile" } } }])
	const { sources } = await services.library.open(folder)
	expect(sources.map(({ target }) => target)).not.toContain("log")
	expect(await uploads()).toEqual([])
})

test("several appliances: variants with their counts, the most frequent first, and who could not be asked", async () => {
	await writeIndex([
		{ target: "x.conf", destination: "/etc/x.conf" },
		{ target: "gone.conf", destination: "/etc/gone.conf" },
	])
	await writeFile(join(folder, "src/x.conf"), "ours\n")
	await write("a", "etc/x.conf", "stock\n")
	await write("b", "etc/x.conf", "ours\n")
	await write("c", "etc/x.conf", "stock\n")
	const { files, failed, left } = await compare(["a", "b", "c", "lost"])
	expect(left).toBe(0)
	expect(failed).toMatchObject([{ id: idOf("lost"), failure: { code: "refused" } }])
	expect(files.map(({ target }) => target)).toEqual(["x.conf", "gone.conf"])
	const shown = files[0]?.variants.map(({ isOurs, appliances }) => [isOurs, appliances.map(({ id }) => id)])
	expect(shown).toEqual([
		[false, [idOf("a"), idOf("c")]],
		[true, [idOf("b")]],
	])
	expect(files[1]).toMatchObject({ variants: [{ now: { state: "absent" } }], pools: ["p"] })
	expect(files[1]?.ours).toBeUndefined()
})

test("paths of one's own: each with the source that it has or would get, whatever the module names", async () => {
	await writeIndex([{ target: "src/x.conf", destination: "/etc/x.conf" }])
	await write("a", "etc/new.conf", "new\n", 0o640)
	const { files } = await compare(["a", "b"], ["/etc/new.conf", "/etc/x.conf", "/etc/new.conf"])
	expect(files).toMatchObject([
		{ target: "etc/new.conf", pools: [], variants: [{ now: { mode: 0o640 } }, { now: { state: "absent" } }] },
		{ target: "x.conf", pools: ["p"] },
	])
	expect(files).toHaveLength(2)
})

test("an appliance that does not answer holds nobody, and goes when nobody listens any more", async () => {
	await writeIndex([{ target: "x.conf", destination: "/etc/x.conf" }])
	let asked = 0
	const never = Promise.withResolvers<never>()
	between = (port) => ({ ...port, statFiles: (all) => (asked++ === 0 ? never.promise : port.statFiles(all)) })
	const stop = new AbortController()
	const told: string[] = []
	const request = { folder, applianceIds: ["a", "b", "c"].map(idOf) }
	for await (const item of services.applianceFiles.compare(request, stop.signal)) {
		told.push(item.kind === "failed" ? item.failure.code : item.kind)
		if (told.length === 3) stop.abort()
	}
	expect(told).toEqual(["asked", "seen", "seen", "cancelled"])
})

test("of many appliances, those whose turn has not come are not asked after the end", async () => {
	const { appliances } = services
	const given = { host: "x", port: 22, user: "root", signIn: { method: "agent" }, become: "none" } as const
	const many = Array.from(
		{ length: 40 },
		(_, i) => appliances.save({ ...given, name: `m${i}`, tags: [], notes: "" }).id,
	)
	await Promise.all(many.map((_, i) => mkdir(root(`m${i}`))))
	const never = Promise.withResolvers<never>()
	between = (port) => ({ ...port, statFiles: () => never.promise })
	const stop = new AbortController()
	const follow = async () => {
		for await (const _ of services.applianceFiles.compare({ folder, applianceIds: many, paths: ["/x"] }, stop.signal));
	}
	const following = follow()
	await expect.poll(() => opened.length).toBe(16)
	stop.abort()
	await expect(following).rejects.toMatchObject({ failure: { code: "cancelled" } })
	expect(opened).toHaveLength(16)
})

test("the variant that was chosen is fetched, and no other that came in its place", async () => {
	await write("a", "etc/x.conf", "chosen\n")
	const { files } = await compare(["a"], ["/etc/x.conf"])
	const now = files[0]?.variants[0]?.now
	const chosen = { path: "/etc/x.conf", digest: now?.state === "file" ? (now.digest ?? "") : "" }
	await write("a", "etc/x.conf", "another\n")
	expect(await fetch(chosen)).toMatchObject([{ result: { failure: { code: "changed-meanwhile" } } }])
	expect(await uploads()).toEqual([])
	await write("a", "etc/x.conf", "chosen\n")
	expect(await fetch(chosen)).toMatchObject([{ result: { state: "done" }, operation: { destination: "/etc/x.conf" } }])
})

test("one destination: our source, theirs and what was applied last, with what differs", async () => {
	await writeIndex([{ target: "x.conf", destination: "/etc/x.conf" }])
	await writeFile(join(folder, "src/x.conf"), "one\ntwo\n")
	await write("a", "etc/x.conf", "zero\n")
	const [run] = await services.runs.start({ folder, applianceIds: [idOf("a")] })
	expect(await services.runs.ended(run?.id ?? "")).toMatchObject({ state: "finished", outcome: "applied" })
	await write("a", "etc/x.conf", "one\ntwo\nowner\n")
	await writeFile(join(folder, "src/x.conf"), "one\n2\n")
	const asked = { folder, applianceId: idOf("a"), target: "x.conf", destination: "/etc/x.conf" }
	const compared = await services.applianceFiles.compareFile(asked)
	expect(compared).toMatchObject({
		ours: { text: "one\n2\n" },
		theirs: { text: "one\ntwo\nowner\n" },
		applied: { text: "one\ntwo\n" },
	})
	expect(compared.appliedToTheirs).toContain("+owner")
	expect(compared.appliedToTheirs).not.toMatch(/^-(?!--)/m)
	expect(compared.oursToTheirs).toContain("-2\n+two\n+owner")
	await rm(root("a", "etc/x.conf"))
	expect(await services.applianceFiles.compareFile(asked)).not.toHaveProperty("theirs")
})

/** A run that replaces x.conf and makes new.conf; both sides of each by what its events say. */
async function applyRecorded() {
	await writeIndex([
		{ target: "x.conf", destination: "/etc/x.conf" },
		{ target: "new.conf", destination: "/etc/new.conf" },
	])
	await writeFile(join(folder, "src/x.conf"), "ours\n")
	await writeFile(join(folder, "src/new.conf"), "new\n")
	await write("a", "etc/x.conf", "theirs\n")
	const [run] = await services.runs.start({ folder, applianceIds: [idOf("a")] })
	const runId = run?.id ?? ""
	expect(await services.runs.ended(runId)).toMatchObject({ outcome: "applied" })
	const content = (text: string) => ({ digest: digestOf(text), size: text.length })
	const sides = { before: content("theirs\n"), after: content("ours\n") }
	return { replaced: { runId, destination: "/etc/x.conf", ...sides }, content }
}

test("a record: ours from the module, theirs from the appliance's backup, whatever stands there now", async () => {
	const { replaced, content } = await applyRecorded()
	await write("a", "etc/x.conf", "changed since\n")
	expect(await services.applianceFiles.compareRecorded(replaced)).toEqual({
		before: { state: "text", text: "theirs\n", from: "appliance" },
		after: { state: "text", text: "ours\n", from: "module" },
	})
	const made = { runId: replaced.runId, destination: "/etc/new.conf", after: content("new\n") }
	expect(await services.applianceFiles.compareRecorded(made)).toMatchObject({ before: { state: "none" } })
})

test("a record of a version that was published and changed since; the appliance cannot be reached", async () => {
	await writeIndex([{ target: "x.conf", destination: "/etc/x.conf" }])
	await writeFile(join(folder, "src/x.conf"), "published\n")
	const { base, content, versions } = await services.library.propose(folder)
	await services.library.publish({ folder, base, content, version: versions[0]?.version ?? "" })
	const published = digestOf("published\n")
	const { replaced } = await applyRecorded()
	await write("a", "etc/x.conf", "published\n")
	greeting = Promise.reject(new FailureError("refused", { host: "a" }))
	greeting.catch(() => undefined)
	// Not even its source is there any more.
	await rm(join(folder, "src/x.conf"))
	const sides = { before: replaced.before, after: { digest: published } }
	expect(await services.applianceFiles.compareRecorded({ ...replaced, ...sides })).toEqual({
		before: { state: "failed", failure: { code: "refused", data: { host: "a" } } },
		after: { state: "text", text: "published\n", from: "module" },
	})
})

test("a connection is kept while somebody browses, and opened anew when it was lost", async () => {
	await write("a", "etc/x", "")
	let isLost = false
	between = (port) => ({
		...port,
		listFolder: async (request) => {
			if (isLost && opened.length === 1) throw new FailureError("connection-lost")
			return port.listFolder(request)
		},
	})
	const list = (path: string) => services.applianceFiles.listFolder({ applianceId: idOf("a"), path })
	await list("/")
	await expect(list("/none")).rejects.toMatchObject({ failure: { code: "not-found" } })
	expect((await list("/etc")).entries).toHaveLength(1)
	expect(opened).toEqual(["a"])
	isLost = true
	expect((await list("/etc")).entries).toHaveLength(1)
	expect(opened).toEqual(["a", "a"])
})

test("whoever gives up while a connection is opened takes it from nobody else", async () => {
	await write("a", "etc/x", "")
	const gate = Promise.withResolvers<void>()
	greeting = gate.promise
	const stop = new AbortController()
	const request = { applianceId: idOf("a"), path: "/etc" }
	const first = services.applianceFiles.listFolder(request, stop.signal)
	const second = services.applianceFiles.listFolder(request)
	stop.abort()
	await expect(first).rejects.toMatchObject({ failure: { code: "cancelled" } })
	gate.resolve()
	expect((await second).entries).toHaveLength(1)
})
