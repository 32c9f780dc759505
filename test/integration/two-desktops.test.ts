import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest"
import type { Services } from "../../core/fleet/services/types.ts"
import { createServices } from "../../core/fleet/services.ts"
import { poll } from "../support/appliances/command.ts"
import { type Appliance, canBootSystemd, createLab, type Lab } from "../support/appliances/systemd.ts"
import { runnerBundlePath } from "../support/ssh/runner-bundle.ts"

const systemd = canBootSystemd()
if (!systemd.ok) console.warn(`SKIPPED two desktops on one appliance: ${systemd.why}`)

const YEAR_MS = 365 * 86_400_000

describe.skipIf(!systemd.ok)(`two desktops on one appliance${systemd.ok ? "" : `: ${systemd.why}`}`, () => {
	let lab: Lab
	let folder: string
	beforeAll(async () => {
		lab = await createLab({ name: "two" })
		folder = await mkdtemp(join(tmpdir(), "hotfix-two-"))
	}, 480_000)
	afterAll(async () => {
		await lab?.destroy()
		await rm(folder, { recursive: true, force: true })
	}, 180_000)

	/** A desktop with a data folder of its own, and the appliance in its fleet under an id of its own. */
	async function desktop(data: string, appliance: Appliance): Promise<{ services: Services; id: string }> {
		const services = await createServices({
			dataFolder: join(folder, data),
			host: "browser",
			version: "0.0.0-test",
			runnerBundle: await runnerBundlePath(),
			knownHosts: lab.knownHosts,
			sshConfig: null,
		})
		onTestFinished(() => services.close())
		const { host, port, name } = appliance
		const signIn = { method: "key", path: lab.identity } as const
		const known = services.appliances.list()[0]
		const saved = { host, port, name, user: "root", signIn, become: "none" as const, tags: [], notes: "" }
		return { services, id: (known ?? services.appliances.save(saved)).id }
	}
	/** Two pools: one replaces a file of the customer's, the other fails. */
	async function makeModule(name: string, version: string): Promise<string> {
		const module = join(folder, name)
		await mkdir(join(module, "src"), { recursive: true })
		await writeFile(join(module, "src/motd"), `new in ${version}\n`)
		const pool = (id: string, closure: string) => ({
			id,
			description: "",
			operations: [{ target: "src/motd", destination: `/srv/${id}` }],
			closure: [closure],
		})
		const pools = [pool("good", "test -s /srv/good"), pool("bad", "! test -e /srv/bad")]
		await writeFile(join(module, "index.json"), JSON.stringify({ metadata: { schema_version: version }, pools }))
		return module
	}
	async function run({ services, id }: { services: Services; id: string }, module: string) {
		const [started] = await services.runs.start({ folder: module, applianceIds: [id] })
		if (!started) throw new Error("no run came back")
		return services.runs.ended(started.id)
	}
	/** What a person sees of the results, without the ids that each desktop makes for itself. */
	const picture = ({ services }: { services: Services }) => {
		const { results, total } = services.history.pools({ limit: 1000 })
		return { total, results: results.map(({ runId: _, applianceId: __, ...result }) => result) }
	}
	/** When each run began, and how it ended. */
	const runsOf = ({ services }: { services: Services }) =>
		services.state
			.snapshot()
			.runs.map(({ run, startedAt, finishedAt, outcome }) => ({ run, startedAt, finishedAt, outcome }))

	test("see the same, though one's clock is a year behind; and a desktop that lost everything sees it again", async () => {
		const alpha = await lab.boot("two-alpha", { homeserver: false })
		await alpha.execOk("echo the customer > /srv/good")
		const first = await desktop("first", alpha)
		const second = await desktop("second", alpha)
		await run(first, await makeModule("fix", "1.0.0"))
		vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - YEAR_MS })
		try {
			await run(second, await makeModule("fix", "1.1.0"))
		} finally {
			vi.useRealTimers()
		}
		await run(first, await makeModule("fix", "1.2.0"))
		for (const one of [first, second]) await one.services.history.sync(one.id)

		const seen = picture(first)
		expect(seen.total).toBe(6)
		expect(seen.results.map(({ moduleVersion, pool, outcome }) => `${moduleVersion} ${pool} ${outcome}`)).toEqual([
			"1.2.0 bad failed",
			"1.2.0 good applied",
			"1.1.0 bad failed",
			"1.1.0 good applied",
			"1.0.0 bad failed",
			"1.0.0 good applied",
		])
		expect(picture(second)).toEqual(seen)
		expect(runsOf(second)).toEqual(runsOf(first))
		expect(second.services.history.course({}).buckets).toEqual(first.services.history.course({}).buckets)
		for (const one of [first, second]) expect(await one.services.history.sync(one.id)).toEqual({ added: 0 })
		expect(picture(second)).toEqual(seen)

		// The database is gone: what the appliance remembers comes back when it is reached, nobody has to ask for it.
		await first.services.close()
		for (const name of await readdir(join(folder, "first")))
			if (name.startsWith("hotfix.sqlite")) await rm(join(folder, "first", name))
		const anew = await desktop("first", alpha)
		expect(picture(anew).total).toBe(0)
		await anew.services.appliances.test(anew.id)
		await poll("the history is filled", 30, () => picture(anew).total === 6)
		expect(picture(anew)).toEqual(seen)
		expect(runsOf(anew)).toEqual(runsOf(second))
	}, 480_000)

	test("a pool is put back from either; what its owner changed since stays, unless forced", async () => {
		const beta = await lab.boot("two-beta", { homeserver: false })
		const file = join(beta.rootPath, "srv/good")
		await writeFile(file, "the customer\n")
		const [first, second] = [await desktop("third", beta), await desktop("fourth", beta)]
		await run(first, await makeModule("back", "1.0.0"))
		await run(first, await makeModule("back", "1.1.0"))
		const revert = async (more: { original?: boolean; force?: boolean }) => {
			const { id } = second.services.runs.revert({ applianceId: second.id, pool: "good", ...more })
			return second.services.runs.ended(id)
		}
		await writeFile(file, "the owner's own\n")
		const refused = await revert({})
		expect(refused).toMatchObject({ state: "not-started", failure: { code: "destination-changed" } })
		expect(JSON.stringify(refused.failure?.data)).toContain("/srv/good")
		expect(await readFile(file, "utf8")).toBe("the owner's own\n")

		expect(await revert({ force: true })).toMatchObject({ state: "finished", outcome: "applied" })
		expect(await readFile(file, "utf8")).toBe("new in 1.0.0\n")
		expect(await revert({ original: true })).toMatchObject({ state: "finished", outcome: "applied" })
		expect(await readFile(file, "utf8")).toBe("the customer\n")
	}, 480_000)
})
