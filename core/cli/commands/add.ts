import { basename, resolve } from "node:path"
import type { LibraryService } from "../../fleet/library/types.ts"
import { insertItem } from "../../schema/edit-index.ts"
import { FailureError } from "../../schema/failure.ts"
import { nodeAt, parseJsonText } from "../../schema/json-text.ts"
import type { LibraryOpened, NewSource, SourceResult } from "../../schema/library.ts"
import { EXIT } from "../../schema/outcome.ts"
import { plainText } from "../../schema/plain-text.ts"
import { type LibraryOptions, moduleFolder, withLibrary } from "../library-command.ts"
import { printFailure } from "../print-failure.ts"

export interface AddOptions extends LibraryOptions {
	pool?: string
	to?: string
	as?: string
	replace?: boolean
}

/** `hotfix add MODULE FILE...`: files into `src/`, with `--pool` and `--to` an operation for each. */
export function add(options: AddOptions, module: string, ...files: string[]): Promise<number> {
	return withLibrary(options, async (library) => {
		const folder = moduleFolder(library, module)
		requireSense(options, files)
		const opened = await library.open(folder)
		// Before anything is written: a pool that is not there is a slip of the pen.
		const index = poolIndex(opened.text, options.pool)
		const sources = files.map((file) => makeSource(file, options, opened))
		const results: SourceResult[] = []
		for await (const step of library.addSources(folder, sources)) results.push(...step.results)
		for (const result of results) printResult(options, result)
		const done = results.flatMap((result, at) => (result.state === "done" ? [files[at] ?? ""] : []))
		const isSaved = index === undefined || (await addOperations(library, opened, index, done, options))
		return results.every(({ state }) => state === "done") && isSaved ? EXIT.ok : EXIT.badInput
	})
}

function requireSense({ pool, to, as }: AddOptions, files: string[]): void {
	const refuse = (reason: string) => {
		throw new FailureError("bad-request", { reason })
	}
	if ((pool === undefined) !== (to === undefined)) refuse("--pool and --to belong together")
	if (files.length > 1 && as !== undefined) refuse("--as names one file")
	if (files.length > 1 && to !== undefined && !to.endsWith("/"))
		refuse("with several files --to is a folder and ends with /")
}

function poolIndex(text: string, pool: string | undefined): number | undefined {
	if (pool === undefined) return undefined
	const pools = nodeAt(parseJsonText(text).root, ["pools"])?.children ?? []
	const known = pools.map((node) => String(nodeAt(node, ["id"])?.value))
	const index = known.indexOf(pool)
	if (index < 0) throw new FailureError("unknown-pool", { pool, known })
	return index
}

const targetOf = (file: string, { as }: AddOptions) => as ?? basename(file)

function makeSource(file: string, options: AddOptions, opened: LibraryOpened): NewSource {
	const target = targetOf(file, options)
	const there = opened.sources.find((source) => `src/${source.target}` === target || source.target === target)
	return {
		target,
		from: { kind: "path", path: resolve(file) },
		...(options.replace && there && { replaces: there.digest }),
	}
}

function printResult({ json }: AddOptions, result: SourceResult): void {
	const name = plainText(result.target)
	if (json) console.log(JSON.stringify(result))
	else if (result.state === "done") console.log(`added src/${name}`)
	else if (result.state === "failed") printFailure(result.failure)
	else process.stderr.write(`src/${name} is there already with other content; --replace replaces it\n`)
}

async function addOperations(
	library: LibraryService,
	opened: LibraryOpened,
	pool: number,
	files: string[],
	options: AddOptions,
): Promise<boolean> {
	const to = options.to ?? ""
	let text = opened.text
	for (const file of files) {
		const operations = nodeAt(parseJsonText(text).root, ["pools", pool, "operations"])?.children ?? []
		const target = `src/${targetOf(file, options).replace(/^src\//, "")}`
		const destination = to.endsWith("/") ? `${to}${basename(file)}` : to
		const isThere = operations.some(
			(node) => nodeAt(node, ["target"])?.value === target && nodeAt(node, ["destination"])?.value === destination,
		)
		if (!isThere) text = insertItem(text, ["pools", pool, "operations", operations.length], { target, destination })
	}
	if (text === opened.text) return true
	const saved = await library.save({ folder: opened.folder, text, base: opened.textDigest })
	if (saved.state === "conflict")
		process.stderr.write("index.json was changed by another program meanwhile; repeat the command\n")
	return saved.state === "saved"
}
