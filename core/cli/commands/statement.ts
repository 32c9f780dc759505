import { readRunnableModule } from "../../fleet/services/module-folder.ts"
import { makeStatement } from "../../schema/module-statement.ts"
import { EXIT } from "../../schema/outcome.ts"

/** `hotfix statement MODULE`: what a signature of the module is made over, for `ssh-keygen -Y sign`. */
export async function statement(_options: object, folder: string): Promise<number> {
	const { manifest, module } = await readRunnableModule(folder)
	const { name, digest } = manifest
	process.stdout.write(makeStatement({ name, version: module.metadata.schema_version, digest }))
	return EXIT.ok
}
