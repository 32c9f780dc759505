import { EXIT } from "../../schema/outcome.ts"
import { plainText } from "../../schema/plain-text.ts"
import { type LibraryOptions, moduleFolder, withLibrary } from "../library-command.ts"

/** `hotfix checkout MODULE VERSION`: the working files become those of a published version. */
export function checkout(
	options: LibraryOptions & { keepChanges?: boolean },
	module: string,
	version: string,
): Promise<number> {
	return withLibrary(options, async (library) => {
		const folder = moduleFolder(library, module)
		const result = await library.checkout({ folder, version, keepChanges: options.keepChanges ?? false })
		if (options.json) console.log(JSON.stringify(result))
		else {
			const { kept, changed, removed } = result
			console.log(plainText(`the working files are those of ${version}: ${changed} written, ${removed} removed`))
			if (kept !== undefined) console.log(`what stood there before is kept: hotfix checkout MODULE ${kept}`)
		}
		return EXIT.ok
	})
}
