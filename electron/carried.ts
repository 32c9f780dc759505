import { join } from "node:path"
import { parseCarriedDigests } from "../core/fleet/runner-install/carried-digests.ts"
import type { ServicesOptions } from "../core/fleet/services/types.ts"

/** Where the program lies: `root` holds what is bundled; in an installed one that is the archive. */
export interface Place {
	root: string
	isPackaged: boolean
	/** Where an installed program keeps what is not in its archive. */
	resourcesPath: string
	platform: string
	arch: string
}

type Carried = Pick<ServicesOptions, "runnerBundle" | "runtimesFolder" | "carriedDigests" | "nodeProgram">

/**
 * What the program brings to appliances. An installed one has it beside its archive, which says what it is; it starts the
 * demo's programs with a carried runtime, because it refuses to be a Node itself.
 */
export function findCarried(place: Place, read: (path: string) => string): Carried {
	const { root, isPackaged, resourcesPath, platform, arch } = place
	const folder = isPackaged ? resourcesPath : root
	const carried = {
		runnerBundle: join(folder, "runner", "hotfix-runner.cjs"),
		runtimesFolder: join(folder, "runtimes"),
	}
	if (!isPackaged) return carried
	return {
		...carried,
		carriedDigests: parseCarriedDigests(read(join(root, "carried.json"))),
		// Those we carry are for Linux.
		nodeProgram: join(carried.runtimesFolder, platform === "linux" ? arch : `${platform}-${arch}`, "node"),
	}
}
