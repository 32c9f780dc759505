import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"

export interface WrittenPool {
	id: string
	/** Content by destination. */
	files: Record<string, string>
	closure: string[]
	checks?: string[]
	confirmSeconds?: number
	enabled?: boolean
}

/** Writes a module's folder, `index.json` and `src/`; returns its path. */
export async function writeModule(
	folder: string,
	pools: WrittenPool[],
	options: { version?: string; finalClosure?: string[] } = {},
): Promise<string> {
	const { version = "1.0.0", finalClosure = ["true"] } = options
	const index = {
		metadata: { schema_version: version },
		pools: pools.map(({ id, files, ...rest }) => ({
			id,
			description: `pool ${id}`,
			operations: Object.keys(files).map((destination, at) => ({ target: `${id}/${at}`, destination })),
			...rest,
		})),
		finalClosure,
	}
	for (const { id, files } of pools) {
		await mkdir(join(folder, "src", id), { recursive: true })
		for (const [at, content] of Object.values(files).entries())
			await writeFile(join(folder, "src", id, `${at}`), content)
	}
	await writeFile(join(folder, "index.json"), JSON.stringify(index, null, 2))
	return folder
}
