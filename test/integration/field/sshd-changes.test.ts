import { join } from "node:path"
import { afterAll, beforeAll, describe, test } from "vitest"
import type { Appliance } from "../../support/appliances/systemd.ts"
import { canBootSystemd, ownerPassword } from "../../support/appliances/systemd.ts"
import { compareTrees, readTree } from "../../support/tree.ts"
import { createFieldLab, type FieldLab, isWhole, outputOf } from "./field-lab.ts"

const able = canBootSystemd()
if (!able.ok) console.warn(`SKIPPED hotfixes that change sshd: ${able.why}`)

const FILE = "/etc/ssh/sshd_config.d/10-field.conf"
/** As some init scripts do: systemd's own leaves the sessions alone. */
const END_SESSIONS =
	"for p in $(pgrep -x sshd); do [ $p = $(systemctl show -p MainPID --value ssh) ] || kill -9 $p; done"

describe.skipIf(!able.ok).concurrent(`hotfixes that change sshd${able.ok ? "" : `: ${able.why}`}`, () => {
	let field: FieldLab
	beforeAll(async () => {
		field = await createFieldLab("field-sshd")
	}, 480_000)
	afterAll(() => field?.destroy(), 60_000)

	const readSsh = ({ rootPath }: Appliance) => readTree(join(rootPath, "etc/ssh"))
	const effective = (appliance: Appliance, key: string) => appliance.execOk(`sshd -T | grep -i '^${key} '`)
	/** One pool with a file of sshd's own. */
	const pool = (content: string, closure: string[], confirmSeconds?: number) => ({
		id: "sshd",
		files: { [FILE]: content },
		closure,
		...(confirmSeconds === undefined ? {} : { confirmSeconds }),
	})

	test("sshd restarted by the hotfix itself, all sessions ended with it", async ({ expect }) => {
		const appliance = await field.boot("restarts")
		const desktop = await field.desktop()
		const closure = ["sshd -t", "systemctl restart ssh", END_SESSIONS, "sleep 1; echo sessions are gone"]
		const module = await field.module([pool("LoginGraceTime 77\n", closure)])
		const run = await desktop.run(module, desktop.enlist(field.target(appliance)))
		expect(run).toMatchObject({ state: "finished", outcome: "applied", finalClosure: { outcome: "passed" } })
		expect(desktop.shown(run.id).map(({ state }) => state)).toContain("lost")
		const events = await desktop.events(run.id)
		expect([isWhole(events), outputOf(events)]).toEqual([true, "sessions are gone\n"])
		expect(await effective(appliance, "logingracetime")).toBe("logingracetime 77\n")
	})

	test("a sound change is confirmed by itself, over a fresh connection, and stays", async ({ expect }) => {
		const appliance = await field.boot("sound")
		let dials = 0
		const desktop = await field.desktop({ onDial: (what) => void (what === "reached" && dials++) })
		const module = await field.module([pool("LoginGraceTime 78\n", ["sshd -t", "systemctl restart ssh"], 60)])
		const run = await desktop.run(module, desktop.enlist(field.target(appliance)))
		expect(run).toMatchObject({ state: "finished", outcome: "applied" })
		expect(dials).toBeGreaterThan(1)
		const confirmed = (await desktop.events(run.id)).find(
			(event) => event.type === "phase-finished" && "phase" in event && event.phase === "confirm",
		)
		expect(confirmed).toMatchObject({ ok: true })
		expect(await effective(appliance, "logingracetime")).toBe("logingracetime 78\n")
	})

	test.for([
		["refuses everybody", "refuses", "AllowUsers nobody-at-all\n", "sshd -t && systemctl restart ssh"],
		[
			"refuses everybody, sessions ended too",
			"alone",
			"AllowUsers nobody-at-all\n",
			`systemctl restart ssh; ${END_SESSIONS}`,
		],
		["does not start any more", "dead", "NoSuchOption yes\n", "systemctl restart ssh; true"],
	] as const)(
		"an sshd that %s is brought back by the appliance itself",
		async ([, name, content, closure], { expect }) => {
			const appliance = await field.boot(name)
			const desktop = await field.desktop()
			const id = desktop.enlist(field.target(appliance))
			const before = readSsh(appliance)
			const run = await desktop.run(await field.module([pool(content, [closure], 6)]), id)
			expect(run).toMatchObject({
				state: "finished",
				outcome: "failed",
				pools: [
					{ pool: "sshd", outcome: "failed", reason: { phase: "confirm", message: expect.stringContaining("6 s") } },
				],
			})
			for (const shown of desktop.shown(run.id))
				if (shown.state !== "finished") expect(shown.pools.some(({ outcome }) => outcome === "applied")).toBe(false)
			expect(isWhole(await desktop.events(run.id))).toBe(true)
			expect(compareTrees(before, readSsh(appliance))).toEqual([])
			expect(await desktop.services.appliances.test(id)).toMatchObject({ facts: { root: true } })
		},
	)

	test("typed passwords that the hotfix has refused are good again afterwards, and nobody is asked", async ({
		expect,
	}) => {
		const appliance = await field.boot("typed")
		let refused = 0
		const desktop = await field.desktop({
			answers: {
				password: { kind: "secret", secret: ownerPassword },
				"sudo-password": { kind: "secret", secret: ownerPassword },
			},
			onDial: (what) => void (what === "failed" && refused++),
		})
		const signIn = { method: "password" } as const
		const id = desktop.enlist(field.target(appliance, { user: "owner", signIn, become: "sudo" }))
		const closure = `systemctl restart ssh; ${END_SESSIONS}`
		const run = await desktop.run(await field.module([pool("AllowUsers nobody-at-all\n", [closure], 6)]), id)
		expect(run).toMatchObject({ state: "finished", outcome: "failed", pools: [{ reason: { phase: "confirm" } }] })
		const lost = desktop.shown(run.id).flatMap(({ state, failure }) => (state === "lost" ? (failure?.code ?? []) : []))
		expect([refused > 0, lost]).toEqual([true, expect.arrayContaining(["authentication-failed"])])
		expect(isWhole(await desktop.events(run.id))).toBe(true)
		expect(desktop.asked).toEqual(["password", "sudo-password"])
	})
})
