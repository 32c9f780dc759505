import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { isKnownEvent } from "../../core/schema/event.ts"
import { type Appliance, canBootSystemd, createLab, type Lab } from "../support/appliances/systemd.ts"
import { type HotfixResult, hotfix } from "../support/hotfix.ts"

const systemd = canBootSystemd()
if (!systemd.ok) console.warn(`SKIPPED rehearsing and reverting on a systemd appliance: ${systemd.why}`)

const place = "/srv/try/a.conf"
const original = "the customer's\n"

describe.skipIf(!systemd.ok)(
	`rehearse and revert on a systemd appliance${systemd.ok ? "" : `: ${systemd.why}`}`,
	() => {
		let lab: Lab
		let alpha: Appliance
		let base: string
		let minor = 0

		beforeAll(async () => {
			lab = await createLab({ name: "try-it" })
			base = await mkdtemp(join(tmpdir(), "hotfix-try-"))
			alpha = await lab.boot("alpha", { homeserver: false })
		}, 480_000)
		afterAll(async () => {
			await lab?.destroy()
			await rm(base, { recursive: true, force: true })
		}, 180_000)
		beforeEach(() => alpha.execOk(`mkdir -p /srv/try && printf '%s' "${original}" >${place} && chmod 640 ${place}`))

		const look = () => alpha.execOk(`stat -c '%a %U %y' ${place}; cat ${place}`)
		const on = () => ["--on", `root@${alpha.host}`, "--identity", lab.identity, "--known-hosts", lab.knownHosts]
		const call = (command: string, ...more: string[]) => hotfix([command, ...more, ...on()], join(base, "data"))

		async function makeModule(text: string, closure: string): Promise<string> {
			const folder = join(base, `try-fix-${++minor}`, "try-fix")
			await mkdir(join(folder, "src"), { recursive: true })
			const pool = {
				id: "conf",
				description: "",
				operations: [{ target: "a.conf", destination: place }],
				closure: [closure],
			}
			const index = { metadata: { schema_version: `1.${minor}.0` }, pools: [pool], finalClosure: ["true"] }
			await writeFile(join(folder, "index.json"), JSON.stringify(index))
			await writeFile(join(folder, "src/a.conf"), text)
			return folder
		}

		test("a rehearsal proves both ways and leaves everything as it was", async () => {
			const module = await makeModule("new\n", `test -s ${place}`)
			const before = await look()
			const told = await call("rehearse", module)
			expect(told, told.stderr).toMatchObject({ status: 0 })
			expect(told.stdout).toContain("It passed, there and back; everything is as it was.")
			expect(told.stdout).not.toContain("applied")
			expect(await look()).toBe(before)
		})

		test("--modify proves the same on a changed file", async () => {
			const module = await makeModule("new\n", `test -s ${place}`)
			const before = await look()
			const told = await call("rehearse", module, "--modify", "--json")
			expect(told).toMatchObject({ status: 0 })
			expect(filesOf(told)).toContain(`changed ${place}`)
			expect(phasesOf(told)).toEqual([
				...["preflight", "backup", "apply", "backup", "apply", "closure"],
				...["restore", "reclosure", "restore", "reclosure"],
			])
			expect(await look()).toBe(before)
		})

		test("a closure that does not pass is exit 1, and the file is as it was", async () => {
			const module = await makeModule("new\n", `! grep -q new ${place} || { echo "it is new"; exit 7; }`)
			const before = await look()
			const told = await call("rehearse", module)
			expect(told).toMatchObject({ status: 1 })
			expect(told.stdout).toContain("it is new")
			expect(await look()).toBe(before)
		})

		test("revert puts back; a file that somebody changed since needs --force", async () => {
			expect(await call("revert", "--pool", "nowhere")).toMatchObject({ status: 2 })
			expect(await call("run", await makeModule("first\n", "true"))).toMatchObject({ status: 0 })
			expect(await call("run", await makeModule("second\n", "true"))).toMatchObject({ status: 0 })
			const reverted = await call("revert", "--pool", "conf")
			expect(reverted).toMatchObject({ status: 0 })
			expect(reverted.stdout).toContain("What stood before is back")
			expect(await alpha.execOk(`cat ${place}`)).toBe("first\n")

			expect(await call("run", await makeModule("third\n", "true"))).toMatchObject({ status: 0 })
			await alpha.execOk(`echo theirs >${place}`)
			const refused = await call("revert", "--pool", "conf", "--original")
			expect(refused).toMatchObject({ status: 2 })
			expect(refused.stdout).toContain(place)
			expect(await alpha.execOk(`cat ${place}`)).toBe("theirs\n")
			const forced = await call("revert", "--pool", "conf", "--original", "--force", "--json")
			expect(forced).toMatchObject({ status: 0 })
			expect(forced.events.at(-1)).toMatchObject({ type: "run-finished", outcome: "applied" })
			expect(await alpha.execOk(`cat ${place}`)).toBe(original)
		}, 300_000)

		test("revert without a pool, with two, or with two ways at once is bad usage", async () => {
			for (const args of [[], ["--pool", "a", "b"], ["--pool", "a", "--run", "x", "--original"]])
				expect(await call("revert", ...args)).toMatchObject({ status: 2, stdout: "" })
		})
	},
)

const known = ({ events }: HotfixResult) => events.filter(isKnownEvent)

function phasesOf(result: HotfixResult): string[] {
	return known(result).flatMap((event) => (event.type === "phase-started" ? [event.phase] : []))
}

function filesOf(result: HotfixResult): string[] {
	return known(result).flatMap((event) => (event.type === "file" ? [`${event.action} ${event.destination}`] : []))
}
