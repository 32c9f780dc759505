import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { appendFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, test } from "vitest"
import { poll, run as runProgram } from "../../support/appliances/command.ts"
import { type Appliance, canBootSystemd, ownerPassword } from "../../support/appliances/systemd.ts"
import type { Desktop } from "../../support/desktop.ts"
import { secret } from "../../support/ssh/access.ts"
import { beginRun, createFieldLab, type FieldLab, isWhole, outputOf } from "./field-lab.ts"

const able = canBootSystemd()
if (!able.ok) console.warn(`SKIPPED whole runs with passwords, locked keys, banners and changed host keys: ${able.why}`)

const PASSPHRASE = "a passphrase for a key"

describe.skipIf(!able.ok).concurrent(`whole runs, however one signs in${able.ok ? "" : `: ${able.why}`}`, () => {
	let field: FieldLab
	beforeAll(async () => {
		field = await createFieldLab("field-signed-in")
	}, 480_000)
	afterAll(() => field?.destroy(), 60_000)

	const closure = ["echo begun", "echo x > /opt/begun; while [ ! -e /opt/gate ]; do sleep 0.1; done", "echo after"]
	const makeModule = () => field.module([{ id: "p", files: { "/opt/field.conf": "new\n" }, closure }])
	/** A run that is in the middle of its closure. */
	const begin = async (desktop: Desktop, appliance: Appliance, applianceId: string) =>
		beginRun(desktop, appliance, { module: await makeModule(), applianceId, file: "/opt/begun" })
	const states = (desktop: Desktop, id: string) => desktop.shown(id).map(({ state }) => state)

	test("a locked key and sudo with a password: each asked for once, also when the connection is lost", async ({
		expect,
	}) => {
		const appliance = await field.boot("locked")
		const key = join(field.base, "locked_key")
		await runProgram("ssh-keygen", ["-q", "-t", "ed25519", "-N", PASSPHRASE, "-f", key])
		await appliance.execOk(
			"install -d -o owner -m 700 /home/owner/.ssh; cat > /home/owner/.ssh/authorized_keys; chown -R owner /home/owner/.ssh",
			{ input: readFileSync(`${key}.pub`, "utf8") },
		)
		const answers = { passphrase: secret(PASSPHRASE), "sudo-password": secret(ownerPassword) }
		const desktop = await field.desktop({ answers })
		const target = field.target(appliance, { user: "owner", become: "sudo", signIn: { method: "key", path: key } })
		const id = await begin(desktop, appliance, desktop.enlist(target))
		await appliance.cutConnections()
		await poll("the loss is shown", 15, () => (states(desktop, id).includes("lost") ? true : undefined))
		await appliance.execOk("touch /opt/gate")
		expect(await desktop.services.runs.ended(id)).toMatchObject({ state: "finished", outcome: "applied" })
		const events = await desktop.events(id)
		expect([isWhole(events), outputOf(events)]).toEqual([true, "begun\nafter\n"])
		expect(desktop.asked).toEqual(["passphrase", "sudo-password"])
		const traces = await appliance.execOk(
			"cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'; journalctl -q; cat /var/log/hotfix.log; grep -rha . /var/lib/hotfix --include=*.jsonl --include=*.json --include=*.txt",
		)
		const { dataFolder } = desktop.services.info
		const kept = readdirSync(dataFolder, { recursive: true, withFileTypes: true })
			.filter((entry) => entry.isFile())
			.map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
			.join()
		expect(kept).toContain("field-fix")
		for (const hidden of [ownerPassword, PASSPHRASE])
			for (const place of [traces, kept]) expect(place).not.toContain(hidden)
	})

	test("a login shell that talks, before and between: the run is none the worse for it", async ({ expect }) => {
		const appliance = await field.boot("banner", {
			async arrange(root) {
				const noise = "echo 'Welcome to HOMESERVER'; printf 'last login: never '; echo 'locale: cannot set' >&2\n"
				for (const file of ["root/.bashrc", "root/.profile"]) await appendFile(join(root, file), noise)
				await appendFile(join(root, "etc/ssh/sshd_config.d/banner.conf"), "Banner /etc/issue\n")
			},
		})
		expect(await runProgram("ssh", [...appliance.sshArgs("root"), "true"])).toContain("Welcome to HOMESERVER")
		const desktop = await field.desktop()
		const id = await begin(desktop, appliance, desktop.enlist(field.target(appliance)))
		await appliance.cutConnections()
		await appliance.execOk("touch /opt/gate")
		expect(await desktop.services.runs.ended(id)).toMatchObject({ state: "finished", outcome: "applied" })
		const events = await desktop.events(id)
		expect([isWhole(events), outputOf(events)]).toEqual([true, "begun\nafter\n"])
	})

	test("a host key that has changed blocks that appliance alone", async ({ expect }) => {
		const [changed, sound] = await Promise.all([field.boot("changed"), field.boot("sound")])
		await changed.replaceHostKey()
		await sound.execOk("touch /opt/gate")
		const desktop = await field.desktop()
		const applianceIds = [changed, sound].map((one) => desktop.enlist(field.target(one)))
		const runs = await desktop.services.runs.start({ folder: await makeModule(), applianceIds })
		const ended = await Promise.all(runs.map(({ id }) => desktop.services.runs.ended(id)))
		expect(ended).toMatchObject([
			{ state: "not-started", failure: { code: "host-key-changed", data: { path: field.lab.knownHosts } } },
			{ state: "finished", outcome: "applied" },
		])
		expect(desktop.asked).toEqual([])
		expect((await changed.exec("ls /var/lib/hotfix /opt/field.conf")).stdout).toBe("")
	})

	test("a host key that changes during the run: not known how it ends, until a person has looked", async ({
		expect,
	}) => {
		const appliance = await field.boot("midway")
		const desktop = await field.desktop()
		const applianceId = desktop.enlist(field.target(appliance))
		const id = await begin(desktop, appliance, applianceId)
		const fresh = await appliance.replaceHostKey()
		await appliance.cutConnections()
		await poll("it is given up", 30, () =>
			desktop.services.runs.get(id).failure?.code === "host-key-changed" ? true : undefined,
		)
		await appliance.execOk("touch /opt/gate; for i in $(seq 200); do [ -e /opt/field.conf ] && exit; sleep 0.1; done")
		await new Promise((resolve) => setTimeout(resolve, 2500))
		const lost = desktop.services.runs.get(id)
		expect([lost.state, lost.outcome, lost.failure?.code]).toEqual(["lost", undefined, "host-key-changed"])

		const lines = readFileSync(field.lab.knownHosts, "utf8").split("\n")
		const others = lines.filter((line) => !line.startsWith(`${appliance.host} `))
		writeFileSync(field.lab.knownHosts, [...others.filter(Boolean), fresh, ""].join("\n"))
		await desktop.services.appliances.test(applianceId)
		expect(await desktop.services.runs.ended(id)).toMatchObject({ state: "finished", outcome: "applied" })
		const events = await desktop.events(id)
		expect([isWhole(events), outputOf(events)]).toEqual([true, "begun\nafter\n"])
	})
})
