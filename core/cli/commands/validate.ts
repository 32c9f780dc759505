import { readModuleFolder } from "../../folder/read-module-folder.ts"
import { printFinding } from "../../schema/finding.ts"
import { EXIT } from "../../schema/outcome.ts"
import { paint } from "../terminal.ts"

/** `hotfix validate MODULE`: all findings at once; exit 2 when one is a fault (DESIGN §8). */
export async function validate(options: { json?: boolean }, folder: string): Promise<number> {
	const { module, findings } = await readModuleFolder(folder)
	const faults = findings.filter(({ severity }) => severity === "fault")
	for (const finding of findings) {
		if (options.json) console.log(JSON.stringify(finding))
		else if (finding.severity === "fault") process.stderr.write(`${printFinding(finding)}\n`)
		else console.log(`${printFinding(finding)} ${paint("yellow", "(warning)")}`)
	}
	if (faults.length > 0) return EXIT.badInput
	if (module && !options.json) {
		const files = module.pools.reduce((sum, { operations }) => sum + operations.length, 0)
		console.log(
			`${paint("green", "ok")}: version ${module.metadata.schema_version}, pools: ${module.pools.length}, files: ${files}, warnings: ${findings.length}`,
		)
	}
	return EXIT.ok
}
