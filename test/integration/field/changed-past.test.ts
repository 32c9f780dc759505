import { afterAll, beforeAll, describe, test } from "vitest"
import { canBootSystemd } from "../../support/appliances/systemd.ts"
import { createFieldLab, type FieldLab } from "./field-lab.ts"

const able = canBootSystemd()
if (!able.ok) console.warn(`SKIPPED histories that were changed on an appliance: ${able.why}`)

describe.skipIf(!able.ok)(`a history that was changed on an appliance${able.ok ? "" : `: ${able.why}`}`, () => {
	let field: FieldLab
	beforeAll(async () => {
		field = await createFieldLab("field-past")
	})
	afterAll(() => field?.destroy())

	test("is told by a desktop that saw it, also where all of it was written anew, until a person knows why", async ({
		expect,
	}) => {
		const appliance = await field.boot("past")
		const desktop = await field.desktop()
		const applianceId = desktop.enlist(field.target(appliance))
		const pools = [{ id: "p", files: { "/opt/past.conf": "new\n" }, closure: ["true"] }]
		const run = async (version: string) =>
			expect(await desktop.run(await field.module(pools, version), applianceId)).toMatchObject({ state: "finished" })
		const look = async () => {
			await desktop.services.history.sync(applianceId)
			return desktop.services.state.snapshot().appliances.find(({ id }) => id === applianceId)?.past
		}
		await run("1.0.0")
		await run("1.0.1")
		await appliance.execOk("cp -a /var/lib/hotfix /var/lib/earlier")
		await run("1.0.2")
		const seen = await look()
		expect(seen).toMatchObject({ head: { number: 3 }, known: [] })
		expect(seen?.fault).toBeUndefined()

		// Restored from a backup, then gone on from there: for itself that chain is whole.
		await appliance.execOk("rm -rf /var/lib/hotfix && cp -a /var/lib/earlier /var/lib/hotfix")
		expect((await look())?.fault).toEqual({ kind: "shorter", newest: 2 })
		await run("1.0.3")
		expect(await look()).toMatchObject({ head: seen?.head, fault: { kind: "changed", number: 3 } })
		await desktop.services.history.acceptPast(applianceId, { kind: "changed", number: 3 })
		expect((await look())?.fault).toBeUndefined()

		await appliance.execOk(`cd /var/lib/hotfix/runs && sed -i 's/"number":2/"number":2 /' */record.json`)
		expect((await look())?.fault).toEqual({ kind: "changed", number: 2 })
		await appliance.execOk(`cd /var/lib/hotfix/runs && sed -i 's/"number":2 /"number":2/' */record.json`)
		expect((await look())?.fault).toBeUndefined()
		await appliance.execOk("rm -rf /var/lib/hotfix")
		expect((await look())?.fault).toEqual({ kind: "shorter" })
	})
})
