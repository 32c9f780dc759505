import { existsSync } from "node:fs"
import { resolve } from "node:path"
import type { EngineOptions } from "../../engine/engine.ts"
import { version } from "../version.ts"
import type { CommonOptions } from "./command.ts"

const HOMESERVER_LOGS = "/var/log/homeserver"

/** What the engine works with, from the common options. Absolute: a worker is started elsewhere. */
export function makeEngineOptions({ state, log }: CommonOptions): EngineOptions {
	return { stateFolder: resolve(state), logFile: resolve(log ?? defaultLog()), runnerVersion: version }
}

/** The appliance's own update log where there is one (DESIGN §6). */
function defaultLog(): string {
	return existsSync(HOMESERVER_LOGS) ? `${HOMESERVER_LOGS}/update.log` : "/var/log/hotfix.log"
}
