import type { Host } from "../../engine/host.ts"
import { MAX_FOLDER_NAMES } from "../../schema/appliance-files.ts"

export interface FolderName {
	/** As it is shown. */
	shown: string
	/** Whether a path can be made of it. */
	isSound: boolean
}

/** The names in a folder, sorted, as they are shown; at most `MAX_FOLDER_NAMES` of them. */
export async function readNames(host: Host, folder: string): Promise<{ names: FolderName[]; isCut: boolean }> {
	const found = await host.readNames(folder, MAX_FOLDER_NAMES + 1)
	const names = found.slice(0, MAX_FOLDER_NAMES).map(nameOf)
	names.sort((a, b) => (a.shown < b.shown ? -1 : a.shown > b.shown ? 1 : 0))
	return { names, isCut: found.length > MAX_FOLDER_NAMES }
}

/** Bytes that are no UTF-8 become `\xNN`, so that two names never look alike by it. */
export function nameOf(bytes: Uint8Array): FolderName {
	try {
		return { shown: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes), isSound: true }
	} catch {
		return { shown: [...bytes].map(shownByte).join(""), isSound: false } // What `fatal` says of other bytes.
	}
}

function shownByte(byte: number): string {
	const isPlain = byte > 0x1f && byte < 0x7f
	return isPlain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`
}
