import { execFileSync } from "node:child_process"
import { chmodSync, chownSync, lstatSync, renameSync, rmSync, symlinkSync, unlinkSync } from "node:fs"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { Host } from "../../../../core/engine/host.ts"
import { createNodeHost } from "../../../../core/engine/node-host/node-host.ts"
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

test("attributes are taken from and given to the open files, not what is put in their places", async ({ skip }) => {
	if (await bench.host.attributes.missing()) return skip("cp or tar cannot keep extended attributes here")
	try {
		execFileSync("setfattr", ["-n", "user.x", "-v", "1", `${app()}/start.sh`])
	} catch {
		return skip("no setfattr, or a file system without extended attributes")
	}
	chmodSync(`${app()}/start.sh`, 0o666)
	const { give, take } = bench.host.attributes
	let given = 0
	bench.host = {
		...bench.host,
		attributes: {
			...bench.host.attributes,
			take: async (from, to) => {
				renameSync(app(), `${app()}.old`)
				symlinkSync(etc(), app())
				await take(from, to)
				unlinkSync(app())
				renameSync(`${app()}.old`, app())
			},
			give: async (from, to) => {
				const staged = plainPath(to)
				renameSync(staged, `${staged}.moved`)
				symlinkSync(`${etc()}/start.sh`, staged)
				await give(from, to)
				renameSync(`${staged}.moved`, staged)
				given++
			},
		},
	}
	const before = readTree(etc())
	const { outcomes } = await bench.apply({ pools: [{ id: "p", files }] })
	expect([outcomes.p, given]).toEqual(["applied", 1])
	expect(readTree(etc())).toEqual(before)
	expect(lstatSync(`${app()}/start.sh`).mode & 0o777).toBe(0o666)
})

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
