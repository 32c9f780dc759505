import { execFileSync } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { mkdtemp } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { beforeEach, describe, expect, test } from "vitest"
import type { Preparation } from "../../../core/schema/rollout-prepare.ts"
import { findingWords } from "../../../core/schema/rollout-prepare-words.ts"
import type { PlainSshd } from "../../support/appliances/plain-sshd.ts"
import { hotfix, parseLines, startHotfix, waitForOutput } from "../../support/hotfix.ts"
import { obstacle, useFleet } from "./sshd-fleet.ts"

if (obstacle) console.warn(`SKIPPED preparing a rollout: ${obstacle}`)

describe.skipIf(obstacle !== undefined)(`preparing a rollout${obstacle ? `: ${obstacle}` : ""}`, () => {
	const { fleet, place, data, on, reached } = useFleet(8)
	let names: string[]
	let known: string[]
	let folder: string

	beforeEach(async () => {
		names = fleet.map(({ user, host, port }) => `${user}@${host}:${port}`)
		for (const one of fleet) place(one, "site.conf", "as delivered\n")
		// The last one is new.
		const knownHosts = join(data(), "known_hosts")
		writeFileSync(
			knownHosts,
			`${fleet
				.slice(0, -1)
				.flatMap(({ hostKeyLines }) => hostKeyLines)
				.join("\n")}\n`,
		)
		known = [...reached().slice(0, -1), knownHosts]
		folder = await makeModule("site-fix", ["true"])
	})

	async function makeModule(name: string, closure: string[], destination = "/srv/site.conf") {
		const folder = join(await mkdtemp(join(tmpdir(), "hotfix-module-")), name)
		mkdirSync(join(folder, "src"), { recursive: true })
		const pools = [{ id: name, description: "", operations: [{ target: "site.conf", destination }], closure }]
		const metadata = { schema_version: "1.0.0", description: "" }
		writeFileSync(join(folder, "index.json"), JSON.stringify({ metadata, pools, finalClosure: [] }))
		writeFileSync(join(folder, "src/site.conf"), "ours\n")
		return folder
	}
	const prepare = (...args: string[]) => hotfix(["rollout", "prepare", folder, ...on(fleet), ...known, ...args], data())
	const wholeOf = (stdout: string) => {
		const last = parseLines<{ type: string } & Preparation>(stdout).at(-1)
		if (last?.type !== "prepared") throw new Error(`it did not end with the whole: ${stdout}`)
		return last
	}
	/** Everything of the customers' files that a look could have changed. */
	const filesOf = () =>
		fleet.map((one) =>
			execFileSync("find", [one.ownFolder("/srv"), "-printf", "%p %s %m %T@ %C@\n"], { encoding: "utf8" }),
		)

	test("variants, causes and a canary of real servers; their files stay as they are", async () => {
		const [, , , changed, odd, busy, silent, fresh] = fleet as [...PlainSshd[]]
		writeFileSync(join(changed?.ownFolder("/srv") ?? "", "site.conf"), "as delivered\nand changed\n")
		rmSync(join(odd?.ownFolder("/srv") ?? "", "site.conf"))
		mkdirSync(join(odd?.ownFolder("/srv") ?? "", "site.conf"))
		const hold = join(busy?.ownFolder("/srv") ?? "", "busy")
		writeFileSync(hold, "")
		const other = await makeModule("slow-fix", ["while test -e /srv/busy; do sleep 0.2; done"], "/srv/other.conf")
		const going = startHotfix(["run", other, "--on", names[5] ?? "", ...known], data())
		await waitForOutput(going, "/srv/busy")
		await silent?.stop()
		const before = filesOf()

		const { stdout, status, stderr } = await prepare("--json")
		expect([status, stderr]).toEqual([6, ""])
		const whole = wholeOf(stdout)
		const on = (places: number[]) =>
			places.map((place) => fleet.findIndex((_, index) => names[index] === whole.appliances[place]?.name))
		expect([whole.done, whole.ready]).toEqual([8, 4])
		expect(whole.files[0]?.variants.map(({ origin, places }) => [origin.kind, on(places)])).toEqual([
			["factory", [0, 1, 2, 5]],
			["own", [3]],
			["refused", [4]],
		])
		expect(whole.findings.map(({ finding, places }) => [findingWords(finding).what, on(places)])).toEqual([
			[expect.stringMatching(/^Pool site-fix would fail before anything is touched: .*folder/), [4]],
			[expect.stringMatching(/^Another run is going on at the appliance/), [5]],
			["The appliance is there, but no SSH server listens on its port.", [6]],
			[expect.stringMatching(/^The appliance is not known yet/), [7]],
		])
		expect(whole.canary.chosen.map(({ place }) => on([place])[0])).toEqual([0, 3])
		expect(filesOf()).toEqual(before)
		expect(busy?.countConnections()).toBeGreaterThan(0)

		const fingerprint = execFileSync("ssh-keygen", ["-lf", join(fresh?.folder ?? "", "host_ed25519.pub")], {
			encoding: "utf8",
		})
		const trusted = await prepare("--diff", "--trust", fingerprint.split(" ")[1] ?? "")
		expect(trusted.status).toBe(6)
		expect(trusted.stdout).toContain("site-fix 1.0.0: 5 of 8 appliances ready for a run, 3 not")
		expect(trusted.stdout).toContain("/srv/site.conf: 1 appliance has changed site.conf")
		expect(trusted.stdout).toContain("+and changed")
		expect(trusted.stdout).toContain(`${names[3]}: the only one with site.conf variant 2`)
		expect(trusted.stdout).not.toContain("is not known yet")
		expect(filesOf()).toEqual(before)
		const ended = once(going, "exit")
		rmSync(hold)
		expect(await ended).toEqual([0, null])
	}, 600_000)

	test("what cannot be prepared is refused before anybody is reached", async () => {
		const { status, stderr } = await prepare("--pool", "none")
		expect([status, stderr.split("\n")[0]]).toEqual([2, expect.stringContaining("none")])
	})
})
