import { existsSync } from "node:fs"
import { join, resolve } from "node:path"
import type { EngineOptions } from "../../engine/engine.ts"
import type { Host } from "../../engine/host.ts"
import { createBootRecovery } from "../../engine/node-host/boot-recovery.ts"
import { createNodeHost } from "../../engine/node-host/node-host.ts"
import { createRootedHost } from "../../engine/node-host/rooted-host.ts"
import { hasSystemd } from "../../engine/node-host/systemd.ts"
import { EXIT } from "../../schema/outcome.ts"
import { DEFAULT_STATE_FOLDER } from "../../schema/state-folder.ts"
import { makeFreshStartsHost } from "../failed-starts.ts"
import { ownProgram } from "../own-program.ts"
import { createRootedTrust } from "../trust/rooted-trust.ts"
import { createTrust } from "../trust/trust.ts"
import { makeUntilShutdownHost } from "../until-shutdown.ts"
import { isBuilt, version } from "../version.ts"
import type { CommonOptions } from "./command.ts"

const HOMESERVER_LOGS = "/var/log/homeserver"

/** What the engine works with, from the common options. Absolute: a worker is started elsewhere. */
export function makeEngineOptions({ state, log, root }: CommonOptions): EngineOptions {
	const stateFolder = resolve(state)
	const options = [
		...(stateFolder === DEFAULT_STATE_FOLDER ? [] : ["--state", stateFolder]),
		...(root === undefined ? [] : ["--root", resolve(root)]),
	]
	const runner = { program: ownProgram(), options }
	return { stateFolder, logFile: resolve(log ?? defaultLog(root)), runnerVersion: version, runner }
}

/** The common options of another runner that works with the same engine options. */
export function commonArguments({ stateFolder, logFile }: EngineOptions, root: string | undefined): string[] {
	return [
		...["--state", stateFolder],
		...(logFile === undefined ? [] : ["--log", logFile]),
		...(root === undefined ? [] : ["--root", resolve(root)]),
	]
}

/** This machine, or one folder of it in the place of `/` (hidden: embedded appliances). Only the first one boots. */
export function makeHost({ state, root }: CommonOptions, keep: string[], signal: AbortSignal): Host {
	if (root !== undefined) {
		const rooted = createRootedHost({ root, keep: [resolve(state), ...keep] })
		return { ...rooted, trust: createRootedTrust(createNodeHost(), rooted) }
	}
	const bare = createNodeHost()
	const host = { ...bare, trust: createTrust(bare) }
	if (!isBuilt || !hasSystemd()) return host
	const started = makeFreshStartsHost(host)
	const bootRecovery = createBootRecovery({ program: ownProgram() })
	// Nobody knows yet how the run ends; `failed` would say that all is verified to be as it was.
	return makeUntilShutdownHost({ ...started, bootRecovery }, signal, () => process.exit(EXIT.degraded))
}

/** The appliance's own update log where there is one (DESIGN §6). */
function defaultLog(root = "/"): string {
	return existsSync(join(root, HOMESERVER_LOGS)) ? `${HOMESERVER_LOGS}/update.log` : "/var/log/hotfix.log"
}
