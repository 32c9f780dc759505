// A program of its own without rights: node denied.ts DATA FOLDER MODE tells what the library answers it, as JSON.
import { join } from "node:path"
import { createLibrary } from "../../../../../core/fleet/library/library.ts"
import { openStore } from "../../../../../core/fleet/store/store.ts"
import { FailureError } from "../../../../../core/schema/failure.ts"
import type { NewSource } from "../../../../../core/schema/library.ts"
import { collect } from "./collect.ts"

/** nobody. */
const NOBODY = 65534
const [data = "", folder = ""] = process.argv.slice(2)
process.setgroups?.([])
process.setgid?.(NOBODY)
process.setuid?.(NOBODY)

const store = openStore(data, () => {})
const library = createLibrary({ dataFolder: data, store, log: () => {} })

/** The code of the failure that it ends in, or what it answers. */
async function answer(work: () => Promise<unknown>): Promise<unknown> {
	try {
		return await work()
	} catch (error) {
		if (error instanceof FailureError) return error.failure.code
		throw error
	}
}

const { textDigest: base, findings, sources } = await library.open(folder)
const add = (from: NewSource["from"]) =>
	answer(() => collect(library.addSources(folder, [{ target: "new.txt", from }])))
const { content, base: proposed } = await library.propose(folder)
const [source] = sources
const answers = {
	findings: findings.map(({ rule }) => rule),
	save: await answer(() => library.save({ folder, text: "{}", base })),
	add: await add({ kind: "text", text: "new" }),
	fetched: await add({ kind: "path", path: join(folder, "src/secret") }),
	remove: await answer(() =>
		library.removeSources(folder, [{ target: source?.target ?? "", base: source?.digest ?? "" }]),
	),
	rename: await answer(() =>
		library.renameSource(folder, { target: source?.target ?? "", to: "b.txt", base: source?.digest ?? "" }),
	),
	executable: await answer(() => library.setExecutable(folder, source?.target ?? "", true)),
	read: await answer(() => library.readSource(folder, "secret")),
	publish: await answer(() => library.publish({ folder, version: "1.0.0", base: proposed, content })),
	keepDraft: await answer(async () => {
		await library.keepDraft({ folder, text: "typed", base })
		return "kept"
	}),
	closed: (await library.list()).modules.map(({ name, problem }) => [name, problem?.code]),
	openClosed: await answer(() => library.open(join(library.folder, "closed"))),
}
process.stdout.write(JSON.stringify(answers))
await library.close()
store.close()
