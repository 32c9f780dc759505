import { spawn } from "node:child_process"
import { copyFileSync, mkdirSync } from "node:fs"
import { join } from "node:path"
import { createORPCClient } from "@orpc/client"
import { RPCLink } from "@orpc/client/websocket"
import type { ContractRouterClient } from "@orpc/contract"
import { afterAll, beforeAll, describe, test } from "vitest"
import { WebSocket } from "ws"
import type { contract } from "../../../core/protocol/contract.ts"
import { poll } from "../../support/appliances/command.ts"
import { projectFolder } from "../../support/appliances/paths.ts"
import { type Appliance, canBootSystemd } from "../../support/appliances/systemd.ts"
import type { Desktop } from "../../support/desktop.ts"
import { startHotfix, waitForOutput } from "../../support/hotfix.ts"
import { createFieldLab, type FieldLab, isWhole, outputOf } from "./field-lab.ts"

const able = canBootSystemd()
if (!able.ok) console.warn(`SKIPPED desktops that follow what others started: ${able.why}`)

describe.skipIf(!able.ok).concurrent(`a run that another desktop started${able.ok ? "" : `: ${able.why}`}`, () => {
	let field: FieldLab
	beforeAll(async () => {
		field = await createFieldLab("field-others")
	}, 480_000)
	afterAll(() => field?.destroy(), 60_000)

	const closure = ["echo begun", "while [ ! -e /opt/gate ]; do sleep 0.1; done", "echo after"]
	const makeModule = (confirmSeconds?: number) =>
		field.module([
			{ id: "p", files: { "/opt/field.conf": "new\n" }, closure, ...(confirmSeconds ? { confirmSeconds } : {}) },
		])
	const on = ({ host }: Appliance) => [
		"--on",
		`root@${host}`,
		"--identity",
		field.lab.identity,
		"--known-hosts",
		field.lab.knownHosts,
	]

	/** What this desktop follows there, once it is running and has said something. */
	async function attach(desktop: Desktop, appliance: Appliance) {
		const id = desktop.enlist(field.target(appliance))
		const { added } = await desktop.services.history.sync(id)
		const run = desktop.services.state.snapshot().runs.find(({ applianceId }) => applianceId === id)
		return { added, applianceId: id, id: run?.id ?? "" }
	}
	const hasBegun = (desktop: Desktop, id: string) =>
		poll("it is shown live", 30, () => {
			const run = desktop.services.runs.get(id)
			return run.state === "running" && run.pools[0]?.phase === "closure" ? run : undefined
		})

	test("killed: another desktop attaches, confirms in its place, and has all of it from the first event on", async ({
		expect,
	}) => {
		const appliance = await field.boot("killed")
		const child = startHotfix(["run", await makeModule(60), ...on(appliance), "--json"], join(field.base, "killed"))
		await waitForOutput(child, "begun")
		child.kill("SIGKILL")
		const desktop = await field.desktop()
		const { id, added, applianceId } = await attach(desktop, appliance)
		expect(added).toBe(1)
		expect((await hasBegun(desktop, id)).outcome).toBeUndefined()
		expect(await desktop.services.history.sync(applianceId)).toEqual({ added: 0 })
		await appliance.execOk("touch /opt/gate")
		expect(await desktop.services.runs.ended(id)).toMatchObject({ state: "finished", outcome: "applied" })
		const events = await desktop.events(id)
		expect([isWhole(events), outputOf(events)]).toEqual([true, "begun\nafter\n"])
		expect(desktop.services.history.pools({}).results).toMatchObject([{ pool: "p", outcome: "applied" }])
	})

	test("two desktops at once follow it, each with all of it, and a third one that comes when it is over", async ({
		expect,
	}) => {
		const appliance = await field.boot("both")
		const [first, second, late] = [await field.desktop(), await field.desktop(), await field.desktop()]
		const target = first.enlist(field.target(appliance))
		const [started] = await first.services.runs.start({ folder: await makeModule(), applianceIds: [target] })
		const own = started?.id ?? ""
		await hasBegun(first, own)
		const { id } = await attach(second, appliance)
		await hasBegun(second, id)
		await appliance.cutConnections()
		await appliance.execOk("touch /opt/gate")
		for (const [desktop, run] of [
			[first, own],
			[second, id],
		] as const)
			expect(await desktop.services.runs.ended(run)).toMatchObject({ state: "finished", outcome: "applied" })
		const events = await first.events(own)
		expect([isWhole(events), outputOf(events)]).toEqual([true, "begun\nafter\n"])
		expect(await second.events(id)).toEqual(events)
		expect(await late.events((await attach(late, appliance)).id)).toEqual(events)
	})

	test("the app's program is killed; started again on the same data it goes on where it was", async ({ expect }) => {
		const appliance = await field.boot("app")
		const data = join(field.base, "app")
		const app = await startApp(data)
		const { id: applianceId } = await app.client.appliances.save(field.target(appliance))
		const { runs } = await app.client.runs.start({ folder: await makeModule(), applianceIds: [applianceId] })
		const id = runs[0]?.id ?? ""
		await poll("it is shown live", 30, async () =>
			(await app.client.runs.get({ id })).pools[0]?.phase === "closure" ? true : undefined,
		)
		app.kill()
		await appliance.execOk("touch /opt/gate")
		const again = await startApp(data)
		const run = await poll("it has ended", 60, async () => {
			const now = await again.client.runs.get({ id })
			return now.state === "finished" ? now : undefined
		})
		expect(run).toMatchObject({ outcome: "applied", finalClosure: { outcome: "passed" } })
		const events = []
		for await (const piece of await again.client.runs.follow({ id })) events.push(...piece)
		expect([isWhole(events), outputOf(events)]).toEqual([true, "begun\nafter\n"])
		again.kill()
	})

	/** A real `hotfix serve`, and its page's connection. */
	async function startApp(data: string) {
		const program = join(projectFolder, "dist/cli/hotfix.js")
		mkdirSync(data, { recursive: true })
		copyFileSync(field.lab.knownHosts, join(data, "known_hosts"))
		const args = ["--data", data, "serve", "--no-open"]
		const child = spawn(process.execPath, [program, ...args], {
			stdio: ["ignore", "pipe", "inherit"],
			env: { ...process.env, SSH_AUTH_SOCK: "" },
		})
		const output = await waitForOutput(child, "#token=")
		const url = new URL(/http:\S+/.exec(output)?.[0] ?? "")
		const socket = new WebSocket(`ws://${url.host}/rpc?token=${url.hash.slice("#token=".length)}`, {
			origin: url.origin,
		})
		socket.on("error", () => {}) // Killed programs say no goodbye.
		const client: ContractRouterClient<typeof contract> = createORPCClient(new RPCLink({ websocket: socket as never }))
		return { client, kill: () => child.kill("SIGKILL") }
	}
})
