/** A file as an earlier pool of the same run would leave it. */
export interface Expected {
	pool: string
	/** Undefined: it would be gone. */
	file: ExpectedFile | undefined
}

export interface ExpectedFile {
	/** Bytes. */
	size: number
	digest: string
	mode: number
	uid: number
	gid: number
	/** Where its content lies now. */
	from: string
}

/** What the pools that were planned so far would leave behind, by path without links. */
export interface Foresight {
	files: Map<string, Expected>
	folders: Set<string>
}
