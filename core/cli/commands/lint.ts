import { printFinding } from "../../schema/finding.ts"
import { EXIT } from "../../schema/outcome.ts"
import { type LibraryOptions, moduleFolder, withLibrary } from "../library-command.ts"
import { paint } from "../terminal.ts"

/** `hotfix lint MODULE`: everything that publishing would say, all findings at once; exit 2 when one is a fault. */
export function lint(options: LibraryOptions, module: string): Promise<number> {
	return withLibrary(options, async (library) => {
		const { findings } = await library.propose(moduleFolder(library, module))
		for (const finding of findings) {
			if (options.json) console.log(JSON.stringify(finding))
			else if (finding.severity === "fault") process.stderr.write(`${printFinding(finding)}\n`)
			else console.log(`${printFinding(finding)} ${paint("yellow", "(warning)")}`)
		}
		if (findings.length === 0 && !options.json) console.log(`${paint("green", "ok")}: nothing to say`)
		return findings.some(({ severity }) => severity === "fault") ? EXIT.badInput : EXIT.ok
	})
}
