import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { Comparing } from "../../core/schema/appliance-compare.ts"
import { compareFiles } from "../../core/schema/variants.ts"
import { type Appliance, canBootSystemd, createLab, type Lab } from "../support/appliances/systemd.ts"
import { type Desktop, startDesktop } from "../support/desktop.ts"

const systemd = canBootSystemd()
if (!systemd.ok) console.warn(`SKIPPED files of systemd appliances: ${systemd.why}`)

describe.skipIf(!systemd.ok)(`files of systemd appliances${systemd.ok ? "" : `: ${systemd.why}`}`, () => {
	let lab: Lab
	let alpha: Appliance
	let beta: Appliance
	let desktop: Desktop
	let base: string
	const ids: string[] = []
	beforeAll(async () => {
		lab = await createLab({ name: "files" })
		alpha = await lab.boot("alpha", { homeserver: false })
		beta = await lab.boot("beta", { homeserver: false })
		base = await mkdtemp(join(tmpdir(), "appliance-files-"))
		const known = join(base, "known_hosts")
		await writeFile(known, [alpha, beta].map((one) => `${one.hostKeyLine}\n`).join(""))
		desktop = await startDesktop({ folder: join(base, "desktop"), knownHosts: known })
		for (const { name, host, port } of [alpha, beta]) {
			const signIn = { method: "key", path: lab.identity } as const
			ids.push(desktop.enlist({ name, host, port, user: "root", signIn, become: "none", tags: [], notes: "" }))
		}
	}, 480_000)
	afterAll(async () => {
		await desktop?.close()
		await lab?.destroy()
		await rm(base, { recursive: true, force: true })
	}, 180_000)

	const list = (path: string) => desktop.services.applianceFiles.listFolder({ applianceId: ids[0] ?? "", path })

	test("root's own files and devices are shown with their owners; a device is refused, the disk is not asked to wait", async () => {
		await alpha.execOk("install -o owner -g daemon -m 2640 /dev/null /srv/mine && mkfifo /srv/pipe")
		const { entries } = await list("/srv")
		const mine = entries.find(({ name }) => name === "mine")
		expect(mine).toMatchObject({ kind: "file", mode: 0o2640, owner: "owner", group: "daemon" })
		expect((await list("/dev")).entries.find(({ name }) => name === "null")).toMatchObject({ kind: "other" })
		const { folder } = await desktop.services.library.create({ name: "refused" })
		const files = ["/dev/zero", "/proc/kmsg", "/srv/pipe", "/srv"].map((path) => ({ path }))
		const results = await desktop.services.applianceFiles.fetch({ applianceId: ids[0] ?? "", folder, files })
		expect(
			results.map(({ result }) => (result.state === "failed" ? result.failure.data.reason : result.state)),
		).toEqual(["not-a-file", "not-a-file", "not-a-file", "a-folder"])
	}, 180_000)

	test("fetched, mended, applied, changed by its owner, compared over two appliances", async () => {
		const { library, applianceFiles } = desktop.services
		for (const one of [alpha, beta])
			await one.execOk(
				"printf 'port=80\\n' >/etc/demo.conf; chown owner:daemon /etc/demo.conf; chmod 640 /etc/demo.conf",
			)
		const { folder } = await library.create({ name: "demo-conf" })
		const [fetched] = await applianceFiles.fetch({
			applianceId: ids[0] ?? "",
			folder,
			files: [{ path: "/etc/demo.conf" }],
		})
		expect(fetched?.operation).toEqual({
			target: "etc/demo.conf",
			destination: "/etc/demo.conf",
			permissions: { owner: "owner", group: "daemon", mode: "0640" },
		})
		const source = join(folder, "src/etc/demo.conf")
		expect(await readFile(source, "utf8")).toBe("port=80\n")
		await writeFile(source, "port=8080\n")
		const pools = [
			{ id: "p", description: "", operations: [fetched?.operation], closure: ["grep -q 8080 /etc/demo.conf"] },
		]
		const index = { metadata: { schema_version: "1.0.0", description: "" }, pools, finalClosure: [] }
		await mkdir(folder, { recursive: true })
		await writeFile(join(folder, "index.json"), JSON.stringify(index))
		expect(await desktop.run(folder, ids[0] ?? "")).toMatchObject({ state: "finished", outcome: "applied" })
		await alpha.execOk("echo tuned=1 >>/etc/demo.conf")

		const items: Comparing[] = []
		for await (const item of applianceFiles.compare({ folder, applianceIds: ids })) items.push(item)
		const asked = items.flatMap((item) => (item.kind === "asked" ? item.files : []))
		const answers = ids.flatMap((id) => items.filter((item) => item.kind === "seen").filter((one) => one.id === id))
		expect(answers).toHaveLength(2)
		const [compared] = compareFiles(asked, (await library.open(folder)).sources, answers)
		expect(
			compared?.variants.map(({ isOurs, appliances }) => [
				isOurs,
				appliances.map(({ id, applied }) => [id, applied?.isKept]),
			]),
		).toEqual([
			[false, [[ids[0], true]]],
			[false, [[ids[1], undefined]]],
		])
		const { target = "", destination = "" } = compared ?? {}
		const file = await applianceFiles.compareFile({ folder, applianceId: ids[0] ?? "", target, destination })
		expect(file.applied?.text).toBe("port=8080\n")
		expect(file.theirs?.text).toBe("port=8080\ntuned=1\n")
		expect(file.oursToTheirs).toContain("+tuned=1")
	}, 300_000)

	test("an appliance that vanishes while its connection is kept does not hold the end of the program", async () => {
		const known = join(base, "known_hosts")
		const other = await startDesktop({ folder: join(base, "other"), knownHosts: known })
		const signIn = { method: "key", path: lab.identity } as const
		const { name, host, port } = beta
		const applianceId = other.enlist({ name, host, port, user: "root", signIn, become: "none", tags: [], notes: "" })
		await other.services.applianceFiles.listFolder({ applianceId, path: "/" })
		await beta.dropPackets()
		const began = Date.now()
		await other.close()
		expect(Date.now() - began).toBeLessThan(10_000)
	}, 180_000)
})
