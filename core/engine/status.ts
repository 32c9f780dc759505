import type { Status } from "../schema/history.ts"
import type { EngineOptions } from "./engine.ts"
import type { Host } from "./host.ts"

/** What stands on this appliance now. Takes no lock, writes nothing. */
export async function readStatus(host: Host, options: EngineOptions): Promise<Status> {
	throw new Error(`cannot read the status yet: ${[host, options].length}`)
}
