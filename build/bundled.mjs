// Which packages a part is made of, as its bundler saw it: dist/bundled/PART.json. The list of licences is made from it.
import { mkdirSync, renameSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

const folder = fileURLToPath(new URL("../dist/bundled/", import.meta.url))

/** Writes down the packages of `files`; a bundler's names of modules will do. */
export function noteBundled(part, files) {
	const packages = [...new Set(files.flatMap(packageOf))].sort()
	mkdirSync(folder, { recursive: true })
	// Whole at once: packaging may be reading it.
	const aside = `${folder}${part}.json.${process.pid}`
	writeFileSync(aside, `${JSON.stringify(packages, null, "\t")}\n`)
	renameSync(aside, `${folder}${part}.json`)
}

/** The files that esbuild took something from. */
export function bundledBy({ outputs }) {
	return Object.values(outputs).flatMap(({ inputs }) =>
		Object.keys(inputs).filter((file) => inputs[file].bytesInOutput > 0),
	)
}

/** For vite; a worker's build is one of its own. */
export function noteBundledOf(part) {
	return {
		name: "note-bundled",
		generateBundle() {
			noteBundled(part, [...this.getModuleIds()])
		},
	}
}

/** Its folder, for example `node_modules/a/node_modules/@b/c`; nothing for a file of our own. */
function packageOf(file) {
	const path = file.replaceAll("\\", "/")
	return path.match(/node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/?]+/)?.[0] ?? []
}
