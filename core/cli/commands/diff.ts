import type { FileChange } from "../../schema/library.ts"
import { EXIT } from "../../schema/outcome.ts"
import { plainLines, plainText } from "../../schema/plain-text.ts"
import { type LibraryOptions, moduleFolder, withLibrary } from "../library-command.ts"
import { paint } from "../terminal.ts"

/** `hotfix diff MODULE [FROM] [TO]`: between two versions; without names the last published one and the working files. */
export function diff(options: LibraryOptions, module: string, from?: string, to = "working"): Promise<number> {
	return withLibrary(options, async (library) => {
		const folder = moduleFolder(library, module)
		const before = from ?? (await library.versions(folder)).versions[0]?.version
		const files =
			before === undefined ? (await library.propose(folder)).changes : await library.diff(folder, before, to)
		if (options.json) for (const file of files) console.log(JSON.stringify(file))
		else printChanges(files)
		return EXIT.ok
	})
}

/** Each file that differs, and its lines where it is text. */
export function printChanges(files: FileChange[]): void {
	for (const { path, change, sizeBefore, sizeAfter, diff, ...modes } of files) {
		const { isExecutableBefore, isExecutableAfter } = modes
		const sizes = diff === undefined && change !== "mode" ? ` (${sizeBefore ?? 0} to ${sizeAfter ?? 0} bytes)` : ""
		const isModeNew =
			isExecutableBefore !== undefined && isExecutableAfter !== undefined && isExecutableBefore !== isExecutableAfter
		const mode = isModeNew ? `, ${isExecutableAfter ? "now" : "no longer"} executable` : ""
		console.log(`${paint("bold", plainText(path))}: ${change}${mode}${sizes}`)
		if (diff) console.log(paintDiff(diff))
	}
	if (files.length === 0) console.log("no difference")
}

function paintDiff(diff: string): string {
	const style = (line: string) => (line.startsWith("+") ? "green" : line.startsWith("-") ? "red" : "dim")
	return plainLines(diff.trimEnd())
		.split("\n")
		.map((line) => paint(style(line), line))
		.join("\n")
}
