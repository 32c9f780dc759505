import { mkdir, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe } from "vitest"
import { type RunnerBundle, readRunnerBundle } from "../../core/fleet/runner-install/bundle.ts"
import { connectRunner } from "../../core/fleet/ssh/connect-runner.ts"
import { createCredentials } from "../../core/fleet/ssh/credentials.ts"
import { createKnownHosts } from "../../core/fleet/ssh/known-hosts.ts"
import type { RunnerPort } from "../../core/protocol/runner-port.ts"
import { type ConformancePlace, runnerPortConformance } from "../conformance/runner-port-conformance.ts"
import { canRunSshd, PlainSshd } from "../support/appliances/plain-sshd.ts"
import { withKey } from "../support/ssh/access.ts"
import { runnerBundlePath } from "../support/ssh/runner-bundle.ts"

const able = canRunSshd()
if (!able.ok) console.warn(`SKIPPED conformance over SSH: ${able.why}`)

describe.skipIf(!able.ok)(`over SSH${able.ok ? "" : `: ${able.why}`}`, () => {
	let sshd: PlainSshd
	let runnerBundle: RunnerBundle
	beforeAll(async () => {
		sshd = await PlainSshd.start()
		runnerBundle = await readRunnerBundle(await runnerBundlePath())
	})
	afterAll(() => sshd?.destroy())

	async function createPlace(): Promise<ConformancePlace> {
		const base = await mkdtemp(join(tmpdir(), "hotfix-ssh-"))
		await mkdir(join(base, "appliance"))
		const stateFolder = join(base, "state")
		const knownHosts = createKnownHosts({ ownFile: join(base, "known_hosts"), files: [sshd.knownHosts] })
		const deps = {
			knownHosts,
			credentials: createCredentials(),
			runnerBundle,
			stateFolder,
			logFile: join(base, "update.log"),
		}
		const ports: RunnerPort[] = []
		return {
			stateFolder,
			folder: join(base, "appliance"),
			async connect() {
				const port = await connectRunner(withKey(sshd), deps)
				ports.push(port)
				return port
			},
			cut: async () => sshd.killConnections(),
			async end() {
				for (const port of ports) await port.close()
				await rm(base, { recursive: true, force: true, maxRetries: 5 })
			},
		}
	}
	runnerPortConformance("over OpenSSH", createPlace)
})
