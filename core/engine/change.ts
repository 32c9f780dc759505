import type { FileSnapshot, Written } from "./backup/manifest.ts"
import type { SeenFile } from "./disk/seen-file.ts"

/** Owner, group and mode that a module's `permissions` ask for, names resolved. */
export interface Ownership {
	uid?: number
	gid?: number
	mode?: number
}

/**
 * What a destination shall become: content of the module, or a state it was in before (revert, going back).
 * One shape for both, so that both go through the same transaction.
 */
export type Wanted =
	| {
			kind: "content"
			from: string
			digest: string
			size: number
			mode: number
			ownership: Ownership
			/** The file whose digest was found right a moment ago. */
			seen?: SeenFile
	  }
	| { kind: "snapshot"; from: string; snapshot: FileSnapshot; seen?: SeenFile }
	| { kind: "absent" }

export interface Change {
	destination: string
	wanted: Wanted
	/** Goes back to the customer's original: what stands there afterwards is theirs again, not ours. */
	isReturn?: boolean
	/** A revert: what stands there afterwards was written by an earlier run. */
	written?: Written
	/** Where the state to go back to stood, by its path without links: going back there is allowed whatever a policy says. */
	stoodAt?: string
}

/** The same, with the file that is really written and what was found there. */
export interface Destination extends Change {
	path: string
	link?: string
	/** The link itself, in its folder without links. */
	linkPath?: string
	/** Its names on the way along links, `destination` first; none where it leads through none. */
	waypoints: string[]
	inPlace: boolean
	/** Folders that must be made for it, outermost first. */
	makes: string[]
	/** Size of what is there now; undefined when there is nothing. */
	sizeNow: number | undefined
}
