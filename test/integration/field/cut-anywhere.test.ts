import { join } from "node:path"
import { afterAll, beforeAll, describe, test } from "vitest"
import { createCredentials } from "../../../core/fleet/ssh/credentials.ts"
import { createKnownHosts } from "../../../core/fleet/ssh/known-hosts.ts"
import { openSession } from "../../../core/fleet/ssh/session.ts"
import type { RunnerPort } from "../../../core/protocol/runner-port.ts"
import { createRandom } from "../../soak/random.ts"
import { poll } from "../../support/appliances/command.ts"
import { canRunSshd, PlainSshd } from "../../support/appliances/plain-sshd.ts"
import { type Cut, CuttingProxy, lengthOfKeyExchange } from "../../support/cutting-proxy.ts"
import { SHORT_DEADLINES } from "../../support/desktop.ts"
import { withKey } from "../../support/ssh/access.ts"
import { BEFORE_RUN, type CutPhase, chooseCut, type Measured, makeCutCases, ON_WAY_BACK } from "./cut-cases.ts"
import { type CutPlace, createCutPlace } from "./cut-place.ts"
import { isWhole } from "./field-lab.ts"

const able = canRunSshd()
if (!able.ok) console.warn(`SKIPPED cuts of the connection at any byte: ${able.why}`)

const seed = Number(process.env.HOTFIX_SEED ?? Date.now() % 2 ** 31)
console.log(`cuts at random bytes: HOTFIX_SEED=${seed}`)

/** Failures that say "the connection", whatever they know of it; never one that blames the appliance for a cut. */
const LOST = ["connection-lost", "timed-out", "refused", "unreachable"]

describe.skipIf(!able.ok)(`a connection cut at any byte, seed ${seed}${able.ok ? "" : `: ${able.why}`}`, () => {
	let sshd: PlainSshd
	let measured: Measured
	const unheard: unknown[] = []
	const onUnheard = (error: unknown) => void unheard.push(error)
	beforeAll(async () => {
		process.on("unhandledRejection", onUnheard)
		sshd = await PlainSshd.start({ config: ["MaxStartups 100"] })
		measured = await measure(sshd)
	})
	afterAll(async () => {
		process.off("unhandledRejection", onUnheard)
		await sshd?.destroy()
		if (unheard.length > 0) throw new Error(`${unheard.length} errors that nobody heard`, { cause: unheard[0] })
	})

	const cases = makeCutCases(createRandom(seed)).map((one, index) => ({ ...one, index }))
	test.concurrent.for(cases)("$index: $phase, $way", async ({ phase, way, index }, { expect, onTestFinished }) => {
		const cut = chooseCut(createRandom(seed + index), phase, way, measured)
		const told = `${cut.direction} after ${cut.after} bytes, away for ${cut.awayMs} ms`
		const breaks = ON_WAY_BACK.includes(phase)
		const place = await createCutPlace(sshd, { breaks, confirmSeconds: 40, onPort: armAt(phase, cut) })
		onTestFinished(() => place.destroy())
		const { proxy, desktop } = place
		if (isBeforeStart(phase)) proxy.arm(cut)

		const run = await desktop.run(place.module, place.applianceId)
		expect(proxy.cuts, told).toBe(1)
		for (const shown of desktop.shown(run.id))
			if (shown.state !== "finished") expect(shown.outcome, `${told}: ${shown.state}`).toBeUndefined()
		const remembered = await rememberedBy(place)
		// A start that was cut has come through or not, and the desktop finds out which.
		const isStarted = phase === "start" ? remembered.length > 0 : !BEFORE_RUN.includes(phase)
		if (!isStarted) {
			expect(run, told).toMatchObject({ state: "not-started", failure: { code: expect.toBeOneOf(LOST) } })
			expect(await desktop.events(run.id)).toEqual([])
			expect(remembered, told).toEqual([])
			expect(place.standing(), told).toBe("before")
			// And then the same again, over a network that works: a quick machine is here before it does.
			await proxy.back()
			const again = await desktop.run(place.module, place.applianceId)
			expect(again, told).toMatchObject({ state: "finished", finalClosure: { outcome: "passed" } })
			expect(["applied", "unchanged"]).toContain(again.outcome)
			expect(place.standing(), told).toBe("new")
		} else {
			expect(
				desktop.shown(run.id).map(({ state }) => state),
				told,
			).toContain("lost")
			expect(run, told).toMatchObject({ state: "finished", outcome: breaks ? "failed" : "applied" })
			expect(run.failure, told).toBeUndefined()
			expect(place.standing(), told).toBe(breaks ? "before" : "new")
			const events = await desktop.events(run.id)
			expect(isWhole(events), told).toBe(true)
			expect(
				remembered.map(({ events }) => events),
				told,
			).toEqual([events])
		}
		await desktop.close()
		const left = () => [...place.halfThings(), ...place.processes()]
		await poll(`nothing half is left (${left()}), ${told}`, 20, () => (left().length === 0 ? true : undefined))
	})
})

/** These are counted from the beginning of the connection. */
const isBeforeStart = (phase: CutPhase) => ["key-exchange", "sign-in", "runner-upload"].includes(phase)

/** Arms the cut when the phase begins, as seen from the desktop. */
function armAt(phase: CutPhase, cut: Cut) {
	let isArmed = false
	return (port: RunnerPort, proxy: CuttingProxy): RunnerPort => {
		const begins = (what: unknown) => {
			if (what !== phase || isArmed) return
			isArmed = true
			proxy.arm(cut)
		}
		return {
			...port,
			supply(...given) {
				begins("contents-upload")
				return port.supply(...given)
			},
			start(request) {
				begins("start")
				return port.start(request)
			},
			async *attach(run, after, signal) {
				for await (const event of port.attach(run, after, signal)) {
					if (event.type === "phase-started" && "phase" in event) begins(event.phase)
					yield event
				}
			},
		}
	}
}

/** What the appliance itself remembers once nothing runs there, as another desktop gets it: runs with all their events. */
async function rememberedBy(place: CutPlace) {
	const other = await place.startOther()
	const runs = await poll("nothing runs there", 60, async () => {
		const history = await other.services.history.fetch(other.applianceId, {})
		return history.every(({ state }) => state !== "open") ? history : undefined
	})
	await other.services.history.sync(other.applianceId)
	const known = other.services.state.snapshot().runs
	return Promise.all(
		runs.map(async ({ run, outcome }) => {
			const id = known.find((one) => one.run === run)?.id ?? ""
			return { outcome, events: await other.events(id) }
		}),
	)
}

/** One connection that nobody cuts. */
async function measure(sshd: PlainSshd): Promise<Measured> {
	const proxy = await CuttingProxy.start(sshd)
	const knownHosts = createKnownHosts({ ownFile: join(sshd.folder, "measured_known_hosts"), files: [] })
	const deps = { knownHosts, credentials: createCredentials(), agentSocket: null, deadlines: SHORT_DEADLINES }
	const asker = { ask: async () => ({ kind: "trust" }) as const }
	const appliance = { ...withKey(sshd), port: proxy.port }
	const session = await openSession(appliance, { ...deps, asker })
	const passed = { ...proxy.passed }
	await session.close()
	await proxy.close()
	const keyExchange = { up: lengthOfKeyExchange(proxy.first.up), down: lengthOfKeyExchange(proxy.first.down) }
	const signIn = { up: passed.up - keyExchange.up, down: passed.down - keyExchange.down }
	return { keyExchange, signIn, runner: 120_000, contents: 400_000 }
}
