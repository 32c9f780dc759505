// Everything that can be checked without running the program: types, layers, style, dead code.
import { spawnSync } from "node:child_process"
import { delimiter } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
/** The project's own programs first: also its Node, where the one on the machine is older. */
export const ENVIRONMENT = { ...process.env, PATH: [`${root}node_modules/.bin`, process.env.PATH].join(delimiter) }

/** Name, program and arguments of each check; programs come from node_modules/.bin. */
export const CHECKS = [
	["types", "tsc", ["-b"]],
	["import table", "node", ["build/layers.mjs"]],
	["style", "biome", ["check", "--error-on-warnings"]],
	["dead code", "knip", []],
]

/** Runs one check; true when it finds nothing. */
export function passes([name, program, args]) {
	console.log(`\n--- ${name}`)
	const { status, error } = spawnSync(program, args, { cwd: root, env: ENVIRONMENT, stdio: "inherit" })
	if (error) console.error(`cannot run ${program}: ${error.message}`)
	return status === 0
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const failed = CHECKS.filter((check) => !passes(check)).map(([name]) => name)
	console.log(failed.length > 0 ? `\nfailed: ${failed.join(", ")}` : "\nall checks passed")
	process.exit(failed.length > 0 ? 1 : 0)
}
