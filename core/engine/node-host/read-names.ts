import { opendir } from "node:fs/promises"

/** Stops after so many: a folder can hold more names than there is memory for. */
export async function readNames(folder: string, limit: number): Promise<Uint8Array[]> {
	const names: Uint8Array[] = []
	// Trap: as "buffer" Node's typings and its own `Dirent` disagree; as latin1 each character is one byte of the name.
	for await (const { name } of await opendir(folder, { encoding: "latin1" })) {
		if (names.push(Buffer.from(name, "latin1")) >= limit) break
	}
	return names
}
