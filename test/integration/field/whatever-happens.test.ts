import { chmod, rename, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, test } from "vitest"
import { poll } from "../../support/appliances/command.ts"
import { type Appliance, canBootSystemd } from "../../support/appliances/systemd.ts"
import type { Desktop } from "../../support/desktop.ts"
import { beginRun, createFieldLab, type FieldLab, isWhole, outputOf } from "./field-lab.ts"

const able = canBootSystemd()
if (!able.ok) console.warn(`SKIPPED what can happen to a run on a systemd appliance: ${able.why}`)

const FILE = "/opt/field.conf"
const AWAY_SECONDS = 20

describe.skipIf(!able.ok).concurrent(`whatever happens during a run${able.ok ? "" : `: ${able.why}`}`, () => {
	let field: FieldLab
	beforeAll(async () => {
		field = await createFieldLab("field")
	}, 480_000)
	afterAll(() => field?.destroy(), 60_000)

	/** A pool whose closure goes on until the test lets it end. */
	const gated = { id: "gated", files: { [FILE]: "new\n" } }
	const gate = [
		"echo begun",
		"n=0; while [ ! -e /opt/gate ]; do n=$((n+1)); echo $n > /opt/ticks; sleep 0.2; done",
		"echo after",
	]
	const open = (appliance: Appliance) => appliance.execOk("touch /opt/gate")
	const begin = (desktop: Desktop, appliance: Appliance, options: { target?: string; module: string }) =>
		beginRun(desktop, appliance, {
			module: options.module,
			applianceId: options.target ?? desktop.enlist(field.target(appliance)),
			file: "/opt/ticks",
		})
	const states = (desktop: Desktop, id: string) => desktop.shown(id).map(({ state }) => state)

	test(`its network is away for ${AWAY_SECONDS} s: the run goes on there, and all of it is known afterwards`, async ({
		expect,
	}) => {
		const appliance = await field.boot("away")
		const dials: { what: string; at: number }[] = []
		const desktop = await field.desktop({ onDial: (what) => void dials.push({ what, at: performance.now() }) })
		const id = await begin(desktop, appliance, { module: await field.module([{ ...gated, closure: gate }]) })
		const ticks = async () => Number(await appliance.execOk("cat /opt/ticks"))
		await appliance.linkDown()
		const before = await ticks()
		await poll("the loss is shown", 15, () => (states(desktop, id).at(-1) === "lost" ? true : undefined))
		const lost = desktop.services.runs.get(id)
		expect([lost.outcome, typeof lost.lastEventAt, lost.failure?.code]).toEqual([
			undefined,
			"string",
			"connection-lost",
		])
		await new Promise((resolve) => setTimeout(resolve, AWAY_SECONDS * 1000 - 4000))
		expect(await ticks()).toBeGreaterThan(before + 20)
		expect(states(desktop, id).at(-1)).toBe("lost")
		await appliance.linkUp()
		await poll("it is back", 40, () => (states(desktop, id).at(-1) === "running" ? true : undefined))
		await open(appliance)
		const run = await desktop.services.runs.ended(id)
		expect(run).toMatchObject({ state: "finished", outcome: "applied", finalClosure: { outcome: "passed" } })
		const events = await desktop.events(id)
		expect([isWhole(events), outputOf(events)]).toEqual([true, "begun\nafter\n"])

		const waits = dials.flatMap(({ what, at }, index) => {
			const next = dials[index + 1]
			return what === "failed" && next?.what === "begun" ? [next.at - at] : []
		})
		expect(waits.length).toBeGreaterThan(0)
		for (const [index, wait] of waits.entries()) expect(wait).toBeGreaterThan(1990 * 2 ** index)
	})

	test.for([
		["root", "none", ""],
		["support", "sudo", ""],
		["support", "sudo", "KillUserProcesses=yes\nKillExcludeUsers=\n"],
	] as const)("%s (%s) is logged out in the middle: %j", async ([user, become, logind], { expect }) => {
		const appliance = await field.boot(`out-${user}${logind === "" ? "" : "-kill"}`, {
			arrange: (root) => writeFile(join(root, "etc/systemd/logind.conf"), `[Login]\n${logind}`),
		})
		const desktop = await field.desktop()
		const target = desktop.enlist(field.target(appliance, { user, become }))
		const module = await field.module([{ ...gated, closure: gate }])
		const id = await begin(desktop, appliance, { target, module })
		await appliance.execOk(`loginctl terminate-user ${user}`)
		await poll("the loss is shown", 15, () => (states(desktop, id).includes("lost") ? true : undefined))
		await open(appliance)
		const run = await desktop.services.runs.ended(id)
		expect(run).toMatchObject({ state: "finished", outcome: "applied", finalClosure: { outcome: "passed" } })
		const events = await desktop.events(id)
		expect([isWhole(events), outputOf(events)]).toEqual([true, "begun\nafter\n"])
		expect(await appliance.execOk(`cat ${FILE}`)).toBe("new\n")
	})

	test("systemd-run fails there: the run is done all the same; killed with the session, it is put back", async ({
		expect,
	}) => {
		const appliance = await field.boot("no-units", {
			async arrange(root) {
				const program = join(root, "usr/bin/systemd-run")
				await rename(program, `${program}.away`)
				await writeFile(program, "#!/bin/sh\necho 'Failed to start transient service unit' >&2\nexit 1\n")
				await chmod(program, 0o755)
			},
		})
		const desktop = await field.desktop()
		const target = desktop.enlist(field.target(appliance))
		const first = await begin(desktop, appliance, { target, module: await field.module([{ ...gated, closure: gate }]) })
		await appliance.cutConnections()
		await poll("the loss is shown", 15, () => (states(desktop, first).includes("lost") ? true : undefined))
		await open(appliance)
		expect(await desktop.services.runs.ended(first)).toMatchObject({ state: "finished", outcome: "applied" })
		expect(await appliance.execOk("systemctl list-units --all --no-legend 'hotfix-run-*'")).toBe("")

		await appliance.execOk("rm /opt/gate /opt/ticks")
		const module = await field.module([{ id: "killed", files: { "/opt/other.conf": "new\n" }, closure: gate }], "1.1.0")
		const second = await begin(desktop, appliance, { target, module })
		await appliance.execOk("loginctl terminate-user root")
		// The recovery runs the closure again.
		await open(appliance)
		const run = await desktop.services.runs.ended(second)
		expect(run).toMatchObject({ state: "finished", outcome: "failed", pools: [{ pool: "killed", outcome: "failed" }] })
		expect(isWhole(await desktop.events(second))).toBe(true)
		expect((await appliance.exec("ls /opt/other.conf")).status).not.toBe(0)
	})

	test("a service that broke on the new file until systemd would start it no more runs again on the old one", async ({
		expect,
	}) => {
		const appliance = await field.boot("crash-loop")
		const unit = (command: string) => `[Service]\nExecStart=${command}\nRestart=on-failure\n`
		await appliance.execOk(
			"echo 60 > /opt/web.conf; cat > /etc/systemd/system/web.service; systemctl daemon-reload; systemctl start web",
			{
				input: unit('/bin/sh -c "exec sleep $(cat /opt/web.conf)"').replaceAll("$", "$$$$"),
			},
		)
		await appliance.execOk(
			"cat > /etc/systemd/system/broken.service; systemctl daemon-reload; systemctl start broken; sleep 2",
			{
				input: unit("/bin/false"),
			},
		)
		const failedUnits = async () =>
			(await appliance.execOk("systemctl list-units --failed --plain --no-legend"))
				.split("\n")
				.map((line) => line.split(" ")[0])
		expect(await failedUnits()).toContain("broken.service")
		const desktop = await field.desktop()
		const closure = [
			"systemctl restart web",
			"for i in 1 2 3 4 5 6; do sleep 0.3; systemctl is-active web || exit 1; done",
		]
		const module = await field.module([{ id: "web", files: { "/opt/web.conf": "no number\n" }, closure }])
		const run = await desktop.run(module, desktop.enlist(field.target(appliance)))
		expect(run).toMatchObject({ state: "finished", outcome: "failed", pools: [{ reason: { phase: "closure" } }] })
		expect(await appliance.execOk("systemctl is-active web")).toBe("active\n")
		expect(await failedUnits()).toContain("broken.service")
	})
})
