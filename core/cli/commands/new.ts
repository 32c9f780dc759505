import { EXIT } from "../../schema/outcome.ts"
import { plainText } from "../../schema/plain-text.ts"
import { type LibraryOptions, withLibrary } from "../library-command.ts"

/** `hotfix new NAME`: a module that is sound as it stands, in the library or in another folder. */
export function newModule(
	options: LibraryOptions & { in?: string; description?: string },
	name: string,
): Promise<number> {
	return withLibrary(options, async (library) => {
		const row = await library.create({ name, parent: options.in, description: options.description })
		console.log(options.json ? JSON.stringify(row) : plainText(row.folder, 4096))
		return EXIT.ok
	})
}
