import { EXIT } from "../../schema/outcome.ts"
import { plainText } from "../../schema/plain-text.ts"
import { sentenceOf } from "../../schema/sentences.ts"
import { type LibraryOptions, moduleFolder, withLibrary } from "../library-command.ts"
import { paint } from "../terminal.ts"

/** `hotfix versions MODULE`: what was published, highest first, and where the working files stand. */
export function versions(options: LibraryOptions, module: string): Promise<number> {
	return withLibrary(options, async (library) => {
		const found = await library.versions(moduleFolder(library, module))
		if (options.json) {
			console.log(JSON.stringify(found))
			return EXIT.ok
		}
		const { working, problems } = found.standing
		for (const { version, date, author = "", state } of found.versions) {
			const marks = [
				...(working.state === "published" && working.version === version ? ["working files"] : []),
				...(found.lastSafe === version ? ["last safe"] : []),
				...(state === "sound" ? [] : [state]),
			]
			console.log(plainText(`${version}  ${date}  ${author}${marks.length > 0 ? `  (${marks.join(", ")})` : ""}`))
		}
		for (const { name, keptAt } of found.kept) console.log(plainText(`${name}  kept ${keptAt}`))
		if (found.versions.length === 0) console.log("nothing was published yet: `hotfix publish MODULE` does it")
		else if (working.state === "changed") console.log("the working files differ from every published version")
		for (const problem of problems) {
			const { what, next } = sentenceOf(problem)
			process.stderr.write(`${paint("yellow", what)}\n${next}\n`)
		}
		return EXIT.ok
	})
}
