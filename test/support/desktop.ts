import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { type RunnerBundle, readRunnerBundle } from "../../core/fleet/runner-install/bundle.ts"
import type { Services } from "../../core/fleet/services/types.ts"
import { createServices } from "../../core/fleet/services.ts"
import { type ConnectDeps, connectRunner } from "../../core/fleet/ssh/connect-runner.ts"
import { createCredentials } from "../../core/fleet/ssh/credentials.ts"
import { createKnownHosts } from "../../core/fleet/ssh/known-hosts.ts"
import type { RunnerPort } from "../../core/protocol/runner-port.ts"
import type { Appliance } from "../../core/schema/appliance.ts"
import type { Answer, DesktopRun } from "../../core/schema/desktop.ts"
import type { AnyEvent } from "../../core/schema/event.ts"
import { runnerBundlePath } from "./ssh/runner-bundle.ts"

/** A dead peer is noticed in 3 seconds, so that a test need not wait for half a minute; a busy machine has its time. */
export const SHORT_DEADLINES = { connect: 10_000, handshake: 15_000, signIn: 20_000, keepalive: 1000 }

export interface DesktopOptions {
	/** Of this desktop alone. */
	folder: string
	/** A file with the keys of the servers. */
	knownHosts: string
	/** Changes to how a connection is made: state folder, deadlines. */
	deps?: Partial<ConnectDeps>
	/** Sees every connection, and may put itself between. */
	onPort?: (port: RunnerPort) => RunnerPort
	/** When an attempt to connect begins and ends. */
	onDial?: (what: "begun" | "reached" | "failed") => void
	/** Answers to questions, by kind; all others are refused. */
	answers?: Partial<Record<string, Answer>>
}

/** The desktop's real services over real SSH connections, with everything that they ever said of their runs. */
export interface Desktop {
	services: Services
	/** Every state that was shown of a run, in order. */
	shown(id: string): DesktopRun[]
	/** All events of a run, as a reader that comes later gets them. */
	events(id: string): Promise<AnyEvent[]>
	enlist(appliance: Omit<Appliance, "id">): string
	/** One run, to its end. */
	run(folder: string, applianceId: string): Promise<DesktopRun>
	/** Its kinds, in order. */
	asked: string[]
	close(): Promise<void>
}

let bundle: Promise<RunnerBundle> | undefined

export async function startDesktop(options: DesktopOptions): Promise<Desktop> {
	const { folder, knownHosts: file, deps, onPort = (port) => port, onDial, answers = {} } = options
	await mkdir(folder, { recursive: true })
	bundle ??= runnerBundlePath().then(readRunnerBundle)
	const runnerBundle = await bundle
	const knownHosts = createKnownHosts({ ownFile: join(folder, "known_hosts"), files: [file] })
	const credentials = createCredentials()
	const services = await createServices({
		dataFolder: join(folder, "data"),
		host: "browser",
		version: "0.0.0-test",
		runnerBundle: "given with each connection",
		async connect(appliance, { ask, signal, isAwaited, onStarted, onProgress }) {
			onDial?.("begun")
			try {
				const asker = { ask }
				const base = { asker, knownHosts, credentials, runnerBundle, agentSocket: null, ...(signal && { signal }) }
				const port = await connectRunner(appliance, {
					...base,
					isAwaited,
					onStarted,
					onProgress,
					deadlines: SHORT_DEADLINES,
					...deps,
				})
				onDial?.("reached")
				return onPort(port)
			} catch (error) {
				onDial?.("failed")
				throw error
			}
		},
	})
	const states = new Map<string, DesktopRun[]>()
	const asked: string[] = []
	let closed: Promise<void> | undefined
	const watching = (async () => {
		for await (const change of services.state.follow()) {
			if (change.type === "run-changed") states.set(change.run.id, [...(states.get(change.run.id) ?? []), change.run])
			if (change.type !== "question-opened") continue
			asked.push(change.question.kind)
			services.questions.answer(change.question.id, answers[change.question.kind] ?? { kind: "refuse" })
		}
	})()
	return {
		services,
		asked,
		shown: (id) => states.get(id) ?? [],
		async events(id) {
			const events: AnyEvent[] = []
			for await (const event of services.runs.follow(id)) events.push(event)
			return events
		},
		enlist: (appliance) => services.appliances.save(appliance).id,
		async run(module, applianceId) {
			const [started] = await services.runs.start({ folder: module, applianceIds: [applianceId] })
			return services.runs.ended(started?.id ?? "")
		},
		close() {
			closed ??= services.close().then(() => watching)
			return closed
		},
	}
}
