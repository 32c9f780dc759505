import { execFileSync } from "node:child_process"
import { chmodSync, chownSync, lstatSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { Host } from "../../../../core/engine/host.ts"
import { createNodeHost } from "../../../../core/engine/node-host/node-host.ts"
import { planModule } from "../../../../core/engine/plan.ts"
import type { RunEvent } from "../../../../core/schema/event.ts"
import { createWorkbench, plainPath, readTree, type Workbench } from "./workbench.ts"

/**
 * `bob/app` belongs to a user, `etc` to root. The user may give his folder's name to a link to root's at any moment; root
 * must do nothing there, and give nothing of it away.
 */
let bench: Workbench
beforeEach(() => {
	bench = createWorkbench()
	makeFiles()
})
afterEach(() => bench.remove())

const hasAttributes = keepsAttributes()
const isRoot = process.geteuid?.() === 0
const app = () => bench.path("bob/app")
const etc = () => bench.path("etc")

function makeFiles(): void {
	rmSync(bench.path("."), { recursive: true, force: true })
	bench.write("bob/app/start.sh", "bob's")
	bench.write("etc/start.sh", "root's secret", 0o600)
	bench.write("etc/new.sh", "root's", 0o600)
	chmodSync(app(), 0o755)
	if (isRoot) for (const path of [bench.path("bob"), app(), `${app()}/start.sh`]) chownSync(path, 65534, 65534)
}

const files = { "bob/app/start.sh": "mended", "bob/app/new.sh": "new" }

test("a folder exchanged by the closure is left alone, and the pool is degraded", async () => {
	const swap = `cd ${bench.path("bob")}; if [ ! -L app ]; then mv app app.old; ln -s ${etc()} app; false; fi`
	const before = readTree(etc())
	const { outcomes, reasons } = await bench.apply({ pools: [{ id: "p", files, closure: [swap] }] })
	expect(readTree(etc())).toEqual(before)
	expect(outcomes.p).toBe("degraded")
	expect(reasons.p?.details?.join()).toContain(`the folder ${app()} was exchanged`)
})

test("a file that is gone for a moment while it is backed up is not taken for one that never was", async () => {
	const host = createNodeHost()
	let isBackingUp = false
	const goneOnce: Host["disk"]["lstat"] = async (path) => {
		if (!isBackingUp || !path.endsWith("/start.sh")) return host.disk.lstat(path)
		isBackingUp = false
		return undefined
	}
	bench.host = { ...host, disk: { ...host.disk, lstat: goneOnce } }
	const before = bench.tree()
	const onEvent = (event: RunEvent) => {
		isBackingUp ||= event.type === "phase-started" && event.phase === "backup"
	}
	const { outcomes, reasons } = await bench.apply({ pools: [{ id: "p", files, closure: ["false"] }] }, {}, { onEvent })
	expect([outcomes.p, reasons.p?.phase]).toEqual(["failed", "backup"])
	expect(reasons.p?.message).toContain("was removed meanwhile")
	expect(bench.tree()).toEqual(before)
})

test("the same without descriptors' paths", async () => {
	bench.host = withoutPaths(createNodeHost())
	const swap = `cd ${bench.path("bob")}; if [ ! -L app ]; then mv app app.old; ln -s ${etc()} app; false; fi`
	const before = readTree(etc())
	const { outcomes } = await bench.apply({ pools: [{ id: "p", files, closure: [swap] }] })
	expect([readTree(etc()), outcomes.p]).toEqual([before, "degraded"])
	makeFiles()
	const next = await bench.apply({
		version: "1.0.1",
		pools: [{ id: "p", files, closure: [`! test -e ${app()}/new.sh`] }],
	})
	expect([next.outcomes.p, bench.read("bob/app/start.sh")]).toEqual(["failed", "bob's"])
})

test.skipIf(!hasAttributes).each(["take", "give"] as const)(
	"attributes (needs setfattr and a file system that keeps them): %s goes by the open file, not by what is at its path",
	async (call) => {
		const start = `${app()}/start.sh`
		execFileSync("setfattr", ["-n", "user.x", "-v", "1", start])
		chmodSync(start, 0o666)
		const { attributes } = bench.host
		let calls = 0
		bench.host = {
			...bench.host,
			attributes: {
				...attributes,
				[call]: async (from: string, to: string) => {
					calls++
					const [path, instead] = call === "take" ? [app(), etc()] : [plainPath(to), `${etc()}/start.sh`]
					renameSync(path, `${path}.moved`)
					symlinkSync(instead, path)
					await attributes[call](from, to)
					unlinkSync(path)
					renameSync(`${path}.moved`, path)
				},
			},
		}
		const before = readTree(etc())
		const { outcomes } = await bench.apply({ pools: [{ id: "p", files }] })
		expect([outcomes.p, calls]).toEqual(["applied", 1])
		expect(readTree(etc())).toEqual(before)
		expect(lstatSync(start).mode & 0o777).toBe(0o666)
		const value = execFileSync("getfattr", ["--absolute-names", "--only-values", "-n", "user.x", start])
		expect(value.toString()).toBe("1")
	},
)

test("another file with several names, put in place of the one that was there, is not written", async () => {
	execFileSync("ln", [`${app()}/start.sh`, bench.path("bob/second")])
	const swap = `rm -f ${app()}/start.sh; ln ${etc()}/start.sh ${app()}/start.sh; false`
	await bench.apply({ pools: [{ id: "p", files, closure: [swap] }] })
	expect(bench.read("etc/start.sh")).toBe("root's secret")
})

/** As on a system without `/proc`. */
function withoutPaths(host: Host): Host {
	const open: Host["disk"]["open"] = async (path, how, mode) => ({ ...(await host.disk.open(path, how, mode)), path })
	return { ...host, disk: { ...host.disk, open } }
}

function keepsAttributes(): boolean {
	const folder = mkdtempSync(join(tmpdir(), "attributes-"))
	try {
		execFileSync("setfattr", ["-n", "user.x", "-v", "1", folder], { stdio: "ignore" })
		return true
	} catch {
		return false
	} finally {
		rmSync(folder, { recursive: true })
	}
}

test("a plan shows nothing of the folder that took the place of the one that was looked at", async () => {
	const host = createNodeHost()
	let looks = 0
	const lstat = async (path: string) => {
		const stat = await host.disk.lstat(path)
		// From now on the name leads to root's folder.
		if (plainPath(path) === `${app()}/start.sh` && ++looks === 2) {
			renameSync(app(), `${app()}.old`)
			symlinkSync(etc(), app())
		}
		return stat
	}
	const disk = { ...host.disk, lstat }
	const request = { kind: "apply", force: false, allowDowngrade: false, modify: false } as const
	const module = bench.module({ pools: [{ id: "p", files }] })
	const plan = await planModule({ ...host, disk }, bench.options, module, request).catch(
		(error: Error) => error.message,
	)
	expect(looks).toBeGreaterThan(1)
	expect(JSON.stringify(plan)).not.toContain("secret")
	expect(JSON.stringify(plan)).toContain(`the folder ${app()} was exchanged`)
})
