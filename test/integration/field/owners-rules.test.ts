import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, test } from "vitest"
import { readModuleFolder } from "../../../core/folder/read-module-folder.ts"
import { type Appliance, canBootSystemd } from "../../support/appliances/systemd.ts"
import type { Desktop } from "../../support/desktop.ts"
import { makeSigner } from "../../support/signer.ts"
import { createFieldLab, type FieldLab } from "./field-lab.ts"

const able = canBootSystemd()
if (!able.ok) console.warn(`SKIPPED what an appliance's owner allows: ${able.why}`)

/** What stands in `/etc/hotfix` holds the runner that a desktop brings, over SSH and whatever the desktop asks for. */
describe.skipIf(!able.ok).concurrent(`what an appliance's owner allows${able.ok ? "" : `: ${able.why}`}`, () => {
	let field: FieldLab
	beforeAll(async () => {
		field = await createFieldLab("field-rules")
	})
	afterAll(() => field?.destroy())

	const makeModule = (version?: string) =>
		field.module(
			[
				{ id: "open", files: { "/opt/open.conf": "ours\n" }, closure: ["true"] },
				{ id: "denied", files: { "/srv/denied.conf": "ours\n" }, closure: ["true"] },
			],
			version,
		)
	const put = (appliance: Appliance, path: string, text: string) =>
		appliance.execOk(`mkdir -p /etc/hotfix && printf %s '${text}' > ${path}`)
	const standing = (appliance: Appliance) => appliance.execOk("cat /opt/open.conf /srv/denied.conf 2>/dev/null || true")
	async function revert({ services }: Desktop, applianceId: string, pool: string) {
		const { id } = services.runs.revert({ applianceId, pool })
		return services.runs.ended(id)
	}

	test("the policy: the plan says what it denies, and the run leaves that alone", async ({ expect }) => {
		const appliance = await field.boot("policy")
		await put(appliance, "/etc/hotfix/policy.json", JSON.stringify({ version: 1, deny: ["/srv"] }))
		const desktop = await field.desktop()
		const applianceId = desktop.enlist(field.target(appliance))
		const folder = await makeModule()

		const plan = await desktop.services.runs.plan({ folder, applianceId })
		const denied = "/etc/hotfix/policy.json denies /srv/denied.conf ($.deny[0])"
		expect(JSON.stringify(plan.pools)).toContain(denied)
		const run = await desktop.run(folder, applianceId)
		expect(run).toMatchObject({ state: "finished", outcome: "failed" })
		expect(JSON.stringify(await desktop.events(run.id))).toContain(denied)
		expect(await standing(appliance)).toBe("ours\n")

		// Who owns the appliance closes it altogether: nothing runs any more, and the way back stays open.
		await put(appliance, "/etc/hotfix/policy.json", "{")
		expect(await desktop.run(await makeModule("1.0.1"), applianceId)).toMatchObject({ outcome: "failed" })
		expect(await revert(desktop, applianceId, "open")).toMatchObject({ state: "finished", outcome: "applied" })
		expect(await standing(appliance)).toBe("")
	})

	test("trusted keys: unsigned nothing runs, signed it does, and the way back needs no signature", async ({
		expect,
	}) => {
		const appliance = await field.boot("trust")
		const signer = makeSigner()
		await put(appliance, "/etc/hotfix/trusted-keys", `${signer.line}\n`)
		const desktop = await field.desktop()
		const applianceId = desktop.enlist(field.target(appliance))
		const folder = await makeModule()

		const plan = await desktop.services.runs.plan({ folder, applianceId })
		expect(plan.refusal).toContain("not signed")
		expect(await desktop.run(folder, applianceId)).toMatchObject({
			state: "not-started",
			failure: { code: "module-not-trusted" },
		})
		expect(await standing(appliance)).toBe("")

		const { manifest } = await readModuleFolder(folder)
		const signature = signer.signs({ name: "field-fix", version: "1.0.0", digest: manifest?.digest ?? "" })
		await writeFile(join(folder, "index.json.sig"), signature)
		expect(await desktop.run(folder, applianceId)).toMatchObject({ state: "finished", outcome: "applied" })
		expect(await standing(appliance)).toBe("ours\nours\n")

		await put(appliance, "/etc/hotfix/trusted-keys", "rubbish\n")
		expect(await revert(desktop, applianceId, "open")).toMatchObject({ state: "finished" })
		expect(await standing(appliance)).toBe("ours\n")
	})
})
