import { join } from "node:path"
import { startEmbeddedAppliances } from "../embedded/start-embedded-appliances.ts"
import { readRunnerBundle } from "../runner-install/bundle.ts"
import { type Runtimes, readRuntimes } from "../runner-install/runtimes.ts"
import { createSshConfig } from "../ssh/config/ssh-config.ts"
import { connectRunner } from "../ssh/connect-runner.ts"
import { createCredentials } from "../ssh/credentials.ts"
import { createKnownHosts } from "../ssh/known-hosts.ts"
import type { Connect, DemoFleet, ServicesOptions } from "./types.ts"

/**
 * Connections over SSH, with host keys and credentials of this program: secrets are kept in memory until it ends, keys
 * that a person trusted in the data folder, or in the one file that was named instead.
 */
export function createSshAccess(
	options: Pick<
		ServicesOptions,
		"dataFolder" | "knownHosts" | "sshConfig" | "runnerBundle" | "runtimesFolder" | "carriedDigests" | "nodeProgram"
	>,
) {
	const { dataFolder, knownHosts: named } = options
	const knownHosts = createKnownHosts(
		named === undefined ? { ownFile: join(dataFolder, "known_hosts") } : { ownFile: named, files: [] },
	)
	const sshConfig = createSshConfig({ file: options.sshConfig })
	const credentials = createCredentials()
	let bundle: ReturnType<typeof readRunnerBundle> | undefined
	let carried: Promise<Runtimes> | undefined

	const readBundle = () => {
		bundle ??= readRunnerBundle(options.runnerBundle, options.carriedDigests?.runner)
		// A build that is missing now may be there at the next attempt.
		bundle.catch(() => (bundle = undefined))
		return bundle
	}
	const readCarried = (folder: string) => {
		carried ??= readRuntimes(folder, join(dataFolder, "runtimes"), options.carriedDigests?.runtimes)
		carried.catch(() => (carried = undefined))
		return carried
	}
	const connect: Connect = async (appliance, { ask, signal, isAwaited, onProgress, onStarted }) =>
		connectRunner(appliance, {
			asker: { ask },
			knownHosts,
			credentials,
			sshConfig,
			runnerBundle: await readBundle(),
			...(options.runtimesFolder !== undefined && { runtimes: await readCarried(options.runtimesFolder) }),
			...(signal && { signal }),
			isAwaited,
			...(onProgress && { onProgress }),
			...(onStarted && { onStarted }),
		})
	const startDemo = async (folder: string, signal?: AbortSignal): Promise<DemoFleet> => {
		const { appliances, moduleFolder, stop } = await startEmbeddedAppliances({
			folder: join(folder, "demo"),
			knownHosts,
			signal,
			...(options.nodeProgram !== undefined && { nodeProgram: options.nodeProgram }),
		})
		return { appliances, folder: moduleFolder, close: stop }
	}
	return { connect, startDemo, sshConfig }
}
