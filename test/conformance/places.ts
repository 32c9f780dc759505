import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { chown, copyFile, mkdir, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createNodeHost } from "../../core/engine/node-host/node-host.ts"
import { createRootedHost } from "../../core/engine/node-host/rooted-host.ts"
import { makeByteStream } from "../../core/protocol/byte-stream.ts"
import { createRemoteRunner } from "../../core/protocol/remote-runner.ts"
import type { RunnerPort } from "../../core/protocol/runner-port.ts"
import { createInProcessLaunch } from "../../core/runner/jobs/launch.ts"
import { createLocalRunner } from "../../core/runner/local-runner.ts"
import type { ConformancePlace } from "./runner-port-conformance.ts"

/** The bundle that is uploaded; `node build/build.mjs runner` makes it. */
const bundle = new URL("../../dist/runner/hotfix-runner.cjs", import.meta.url).pathname

/** The engine in this process. */
export async function createLocalPlace(): Promise<ConformancePlace> {
	const launch = createInProcessLaunch()
	const base = await makeBase()
	const stateFolder = join(base, "state")
	const options = { stateFolder, logFile: join(base, "update.log"), runnerVersion: "0.0.0-test" }
	return {
		connect: async () => createLocalRunner({ host: createNodeHost(), options, launch }),
		cut: (port) => port.close(),
		stateFolder,
		folder: join(base, "appliance"),
		end: () => rm(base, { recursive: true, force: true, maxRetries: 20 }),
	}
}

/** The engine in this process with a folder that stands for the whole appliance, as embedded ones have it. */
export async function createRootedPlace(): Promise<ConformancePlace> {
	const launch = createInProcessLaunch()
	const base = await makeBase()
	const stateFolder = join(base, "state")
	const options = { stateFolder, runnerVersion: "0.0.0-test" }
	const root = join(base, "appliance")
	const host = createRootedHost({ root, keep: [stateFolder] })
	return {
		connect: async () => createLocalRunner({ host, options, launch }),
		cut: (port) => port.close(),
		stateFolder,
		folder: root,
		seenAs: "",
		end: () => rm(base, { recursive: true, force: true, maxRetries: 20 }),
	}
}

/** The bundled runner in a process of its own, over its standard input and output; `uid` for one that is not root. */
export async function createStdioPlace(uid?: number): Promise<ConformancePlace> {
	const base = await makeBase(uid)
	const program = join(base, "hotfix-runner.cjs")
	await copyFile(bundle, program)
	const children = new Map<RunnerPort, ChildProcess>()
	const stateFolder = join(base, "state")
	const args = [program, "serve", "--nonce", "n0", "--state", stateFolder, "--log", join(base, "update.log")]
	return {
		async connect() {
			// As the desktop starts it: with an umask that hides everything.
			const child = spawn("/bin/sh", ["-c", 'umask 077; exec "$@"', "sh", process.execPath, ...args], {
				stdio: ["pipe", "pipe", "inherit"],
				cwd: "/",
				...(uid === undefined ? {} : { uid, gid: uid }),
			})
			const port = createRemoteRunner(makeByteStream(child.stdout, child.stdin), { nonce: "n0" })
			children.set(port, child)
			return port
		},
		async cut(port) {
			const child = children.get(port)
			if (child?.kill("SIGKILL")) await once(child, "close")
		},
		stateFolder,
		folder: join(base, "appliance"),
		uid,
		async end() {
			for (const [port, child] of children) {
				const ended = child.exitCode === null && child.signalCode === null ? once(child, "close") : undefined
				await port.close()
				await ended
			}
			await rm(base, { recursive: true, force: true, maxRetries: 20 })
		},
	}
}

async function makeBase(uid?: number): Promise<string> {
	const base = await mkdtemp(join(tmpdir(), "hotfix-conformance-"))
	await mkdir(join(base, "appliance"))
	if (uid !== undefined) for (const folder of [base, join(base, "appliance")]) await chown(folder, uid, uid)
	return base
}
