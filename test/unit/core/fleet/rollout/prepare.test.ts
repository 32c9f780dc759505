import { createHash } from "node:crypto"
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { createRootedHost } from "../../../../../core/engine/node-host/rooted-host.ts"
import { limitFiles } from "../../../../../core/fleet/rollout/prepare.ts"
import type { Connect, Services } from "../../../../../core/fleet/services/types.ts"
import { createServices } from "../../../../../core/fleet/services.ts"
import { createInProcessLaunch } from "../../../../../core/runner/jobs/launch.ts"
import { createLocalRunner } from "../../../../../core/runner/local-runner.ts"
import { FailureError } from "../../../../../core/schema/failure.ts"
import type { Preparation, Preparing } from "../../../../../core/schema/rollout-prepare.ts"
import { findingWords } from "../../../../../core/schema/rollout-prepare-words.ts"

/** Real runners over folders of their own; only the way to them is made up. */
let base: string
let services: Services
let folder: string
let ids: Map<string, string>
/** Connections that are open now, and the most that were, in all and by jump host. */
let open: Map<string, number>
let most: Map<string, number>
/** Comes before a connection; may ask, wait or fail. */
let greet: (name: string, deps: Parameters<Connect>[1]) => Promise<void>

const root = (appliance: string, path = "") => join(base, "roots", appliance, path)

function count(place: string, by: number) {
	const now = (open.get(place) ?? 0) + by
	open.set(place, now)
	most.set(place, Math.max(most.get(place) ?? 0, now))
}

beforeEach(async () => {
	base = await mkdtemp(join(tmpdir(), "prepare-"))
	ids = new Map()
	open = new Map()
	most = new Map()
	greet = async () => {}
	services = await createServices({
		dataFolder: join(base, "data"),
		host: "cli",
		version: "1",
		runnerBundle: "none",
		sshConfig: null,
		connect: async ({ name, jump = "straight" }, deps) => {
			const places = ["all", jump.replace(/^root@|:22$/g, "")]
			for (const place of places) count(place, 1)
			try {
				await greet(name, deps)
			} catch (error) {
				for (const place of places) count(place, -1)
				throw error
			}
			const options = { stateFolder: join(base, `state-${name}`), runnerVersion: "1" }
			const host = createRootedHost({ root: root(name), keep: [options.stateFolder] })
			const port = createLocalRunner({ host, options, launch: createInProcessLaunch() })
			const close = async () => {
				for (const place of places) count(place, -1)
				await port.close()
			}
			return { ...port, close }
		},
	})
	folder = (await services.library.create({ name: "fix" })).folder
	await writeModule({ web: "/srv/auth.tsx" })
})
afterEach(async () => {
	await services.close()
	await rm(base, { recursive: true, force: true, maxRetries: 20 })
})

async function writeModule(pools: Record<string, string>, version = "1.0.0", content = "ours") {
	const index = {
		metadata: { schema_version: version, description: "a fix" },
		pools: Object.entries(pools).map(([id, destination]) => ({
			id,
			description: id,
			operations: [{ target: `${id}.txt`, destination }],
			closure: ["true"],
		})),
		finalClosure: [],
	}
	await rm(join(folder, "src"), { recursive: true, force: true })
	await mkdir(join(folder, "src"))
	for (const id of Object.keys(pools)) await writeFile(join(folder, "src", `${id}.txt`), content)
	await writeFile(join(folder, "index.json"), JSON.stringify(index))
}

/** An appliance with these files; no content: a folder. */
async function add(
	name: string,
	files: Record<string, string | undefined> = {},
	more: { jump?: string; tags?: string[] } = {},
) {
	await mkdir(root(name), { recursive: true })
	for (const [path, content] of Object.entries(files)) {
		await mkdir(content === undefined ? root(name, path) : dirname(root(name, path)), { recursive: true })
		if (content !== undefined) await writeFile(root(name, path), content)
	}
	const given = { name, host: name, port: 22, user: "root", signIn: { method: "agent" }, become: "none" } as const
	ids.set(name, services.appliances.save({ ...given, notes: "", tags: more.tags ?? [], ...more }).id)
}

async function prepareAll(pools?: string[], signal?: AbortSignal): Promise<Preparing[]> {
	const items: Preparing[] = []
	const request = { folder, applianceIds: [...ids.values()], pools }
	for await (const item of services.preparation.prepare(request, signal)) items.push(item)
	return items
}
async function prepare(pools?: string[]): Promise<Preparation> {
	const last = (await prepareAll(pools)).at(-1)
	if (last?.kind !== "prepared") throw new Error("it did not end with the whole")
	return last.preparation
}
const namesIn = ({ appliances }: Preparation, places: readonly number[]) =>
	places.map((place) => appliances[place]?.name)
const findingsIn = (whole: Preparation) =>
	whole.findings.map(({ finding, places }) => `${findingWords(finding).what} ${namesIn(whole, places).join(" ")}`)
const variantsIn = (whole: Preparation, file = 0) =>
	whole.files[file]?.variants.map(({ origin, places }) => `${origin.kind}: ${namesIn(whole, places).join(" ")}`)

test("variants, findings and a canary of a fleet, and nothing is written there", async () => {
	await add("a", { "srv/auth.tsx": "factory" })
	await add("b", { "srv/auth.tsx": "factory" })
	await add("c", { "srv/auth.tsx": "their own" })
	await add("d", { "srv/auth.tsx": "ours" })
	await add("e", {}, { tags: ["canary"] })
	await add("f", { "srv/auth.tsx": undefined })
	await add("lost")
	greet = async (name) => {
		if (name === "lost") throw new FailureError("timed-out", { host: "10.0.0.9", phase: "connect", seconds: 10 })
	}
	const before = await readdir(root("c"), { recursive: true })
	const whole = await prepare()
	expect(variantsIn(whole)).toEqual(["factory: a b", "own: c", "ours: d", "missing: e", "refused: f"])
	expect(findingsIn(whole)).toEqual([
		expect.stringMatching(/^Pool web would fail before anything is touched: \/srv\/auth.tsx is a folder.* f$/),
		"The appliance did not answer within 10 seconds: no connection came about. lost",
	])
	expect([whole.done, whole.ready]).toEqual([7, 5])
	expect(
		namesIn(
			whole,
			whole.canary.chosen.map(({ place }) => place),
		),
	).toEqual(["a", "e", "c", "d"])
	expect(whole.canary.uncovered.map(({ on }) => on)).toEqual([1])
	expect(await readdir(root("c"), { recursive: true })).toEqual(before)
	expect(await readFile(root("c", "srv/auth.tsx"), "utf8")).toBe("their own")
})

test("what is published is known again where no record tells of it", async () => {
	await writeModule({ web: "/srv/auth.tsx" }, "0.0.1", "older")
	const { base: text, content, versions } = await services.library.propose(folder)
	const version = versions[0]?.version ?? ""
	await services.library.publish({ folder, version, base: text, content })
	await writeModule({ web: "/srv/auth.tsx" }, "9.0.0", "newer")
	await add("a", { "srv/auth.tsx": "older" })
	const whole = await prepare()
	expect(whole.files[0]?.variants[0]?.origin).toEqual({ kind: "version", module: "fix", version })
	expect(whole.files[0]?.variants[0]?.digest).toBe(createHash("sha256").update("older").digest("hex"))
})

test("what somebody changed since a run is theirs; a pool that stands applied is left alone", async () => {
	await add("a")
	await add("b")
	await add("c")
	const runs = await services.runs.start({ folder, applianceIds: ["a", "b"].map((name) => ids.get(name) ?? "") })
	for (const { id } of runs) expect((await services.runs.ended(id)).outcome).toBe("applied")
	await writeFile(root("b", "srv/auth.tsx"), "changed by its owner")
	const same = await prepare()
	expect(variantsIn(same)).toEqual(["ours: a", "changed: b", "missing: c"])
	expect(same.files[0]?.variants.map(({ written }) => written)).toEqual([0, 0, 1])
	expect(findingsIn(same)).toEqual(["Everything stands applied at this version. a b"])

	await writeModule({ web: "/srv/auth.tsx" }, "1.1.0", "newer")
	const next = await prepare()
	expect(variantsIn(next)).toEqual(["version: a", "changed: b", "missing: c"])
	expect(next.files[0]?.variants.map(({ written }) => written)).toEqual([1, 1, 1])
})

test("only the destinations of the pools that are meant", async () => {
	await writeModule({ web: "/srv/auth.tsx", db: "/srv/db.conf" })
	await add("a")
	expect((await prepare()).files.map(({ destination }) => destination)).toEqual(["/srv/auth.tsx", "/srv/db.conf"])
	expect((await prepare(["db"])).files.map(({ destination }) => destination)).toEqual(["/srv/db.conf"])
	await expect(prepare(["none"])).rejects.toThrow(FailureError)
})

test("host keys of all that are new are asked about at once, and only the trusted ones are gone on with", async () => {
	for (let index = 0; index < 40; index++) await add(`n${index}`)
	greet = async (name, { ask }) => {
		const key = { host: name, port: 22, keyType: "ssh-ed25519", fingerprint: `SHA256:${name}` }
		const answer = await ask({ kind: "host-key", appliance: name, ...key })
		if (answer.kind !== "trust") throw new FailureError("host-key-unknown", key)
	}
	const going = prepareAll()
	await expect.poll(() => services.questions.open().length).toBe(40)
	expect(open.get("all")).toBe(0)
	for (const question of services.questions.open()) {
		const host = question.kind === "host-key" ? question.host : ""
		services.questions.answer(question.id, { kind: host === "n7" ? "refuse" : "trust" })
	}
	const items = await going
	expect(items).toContainEqual({ kind: "asking", keys: 40 })
	const whole = items.at(-1)
	if (whole?.kind !== "prepared") throw new Error("it did not end with the whole")
	expect([whole.preparation.ready, namesIn(whole.preparation, whole.preparation.findings[0]?.places ?? [])]).toEqual([
		39,
		["n7"],
	])
})

test("a jump host's key first, then those behind it", async () => {
	await add("a")
	await add("b")
	greet = async (name, { ask }) => {
		for (const host of ["bastion", name]) {
			const key = { host, port: 22, keyType: "ssh-ed25519", fingerprint: `SHA256:${host}` }
			const answer = await ask({ kind: "host-key", appliance: host, ...key })
			if (answer.kind !== "trust") throw new FailureError("host-key-unknown", key)
		}
	}
	const going = prepareAll()
	const asked: string[][] = []
	for (const count of [1, 2]) {
		await expect.poll(() => services.questions.open().length).toBe(count)
		const questions = services.questions.open()
		asked.push(questions.map((question) => (question.kind === "host-key" ? question.host : "")).sort())
		for (const { id } of questions) services.questions.answer(id, { kind: "trust" })
	}
	expect(asked).toEqual([["bastion"], ["a", "b"]])
	expect((await going).at(-1)).toMatchObject({ preparation: { ready: 2 } })
})

test("never more than sixteen at once, eight behind one jump host, whom the others do not wait for", async () => {
	for (let index = 0; index < 40; index++)
		await add(`j${index}`, {}, { jump: index % 2 ? "bastion" : "root@bastion:22" })
	for (let index = 0; index < 30; index++) await add(`s${index}`)
	greet = async () => new Promise((resolve) => setTimeout(resolve, 5))
	const whole = await prepare()
	expect(whole.ready).toBe(70)
	expect([most.get("all"), most.get("bastion")]).toEqual([16, 8])
})

test("what is known is told from time to time, the whole of a large fleet ten times at most", async () => {
	for (let index = 0; index < 40; index++) await add(`n${index}`)
	vi.useFakeTimers({ toFake: ["Date"] })
	greet = async () => void vi.setSystemTime(Date.now() + 1500)
	const wholes = (await prepareAll()).flatMap((item) => (item.kind === "prepared" ? [item.preparation] : []))
	vi.useRealTimers()
	const told = wholes.map(({ done }) => done)
	// The canary is sought once, when all are known.
	expect(wholes.filter(({ canary }) => canary.chosen.length > 0)).toEqual([wholes.at(-1)])
	expect(told).toEqual([...new Set(told)].sort((a, b) => a - b))
	expect(told.length).toBeGreaterThan(3)
	expect(told.length).toBeLessThanOrEqual(11)
	expect(told.at(-1)).toBe(40)
})

test("stopped, it ends at once and lets nothing go on", async () => {
	for (let index = 0; index < 30; index++) await add(`n${index}`)
	const stop = new AbortController()
	greet = (name, { signal }) =>
		name === "n0"
			? Promise.resolve()
			: new Promise((_, reject) => signal?.addEventListener("abort", () => reject(new FailureError("cancelled", {}))))
	const items: Preparing[] = []
	for await (const item of services.preparation.prepare({ folder, applianceIds: [...ids.values()] }, stop.signal)) {
		items.push(item)
		if (item.kind === "progress" && item.done === 1) stop.abort()
	}
	expect(items.at(-1)).toEqual({ kind: "progress", done: 1, total: 30 })
	await expect.poll(() => open.get("all")).toBe(0)
})

test("stopped while it still reads, it ends without a connection", async () => {
	await add("a")
	const stop = new AbortController()
	const items: Preparing[] = []
	for await (const item of services.preparation.prepare({ folder, applianceIds: [...ids.values()] }, stop.signal)) {
		items.push(item)
		stop.abort()
	}
	expect(items).toEqual([{ kind: "progress", done: 0, total: 1 }])
	expect(most.size).toBe(0)
})

test("the reading is seen to have begun before it fails", async () => {
	await add("a")
	await rm(join(folder, "index.json"))
	const items: Preparing[] = []
	const going = async () => {
		const request = { folder, applianceIds: [...ids.values(), ...ids.values()] }
		for await (const item of services.preparation.prepare(request)) items.push(item)
	}
	await expect(going()).rejects.toThrow(FailureError)
	expect(items).toEqual([{ kind: "progress", done: 0, total: 1 }])
})

test.each([
	[1, 1000],
	[500, 1000],
	[2000, 250],
	[0, 1000],
	[900_000, 1],
])("of %i appliances at most %i destinations each", (appliances, files) => {
	expect(limitFiles(appliances)).toBe(files)
})
