import { createHash } from "node:crypto"
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join, relative, sep } from "node:path"
import { makeLicences } from "./licences.ts"
import { findUnjudged, readPieces } from "./pieces.ts"
import { makeSbom } from "./sbom.ts"

/** Of package.json, what an installed program has of it. */
export interface Product {
	name: string
	version: string
	description: string
	license: string
}

/**
 * Lays down what an installer is made of: `app`, which becomes the archive, and `app-beside`, which lies beside it. The
 * archive says what is carried outside of it, by digest.
 */
export function stageApp(app: string, { root, dist, product }: { root: string; dist: string; product: Product }): void {
	const pieces = readPieces(root, dist)
	const unjudged = findUnjudged(pieces)
	if (unjudged.length > 0)
		throw new Error(`cannot give on what nobody has judged the licence of: ${unjudged.join("; ")}`)
	const beside = `${app}-beside`
	for (const folder of [app, beside]) {
		rmSync(folder, { recursive: true, force: true })
		mkdirSync(folder, { recursive: true })
	}
	for (const part of ["electron", "renderer"]) cpSync(join(dist, part), join(app, part), { recursive: true })
	writeJson(join(app, "package.json"), makeManifest(product))
	writeJson(join(app, "carried.json"), digestsOf(dist, ["runner", "runtimes"]))
	writeFileSync(join(beside, "licences.txt"), makeLicences(pieces))
	writeFileSync(join(beside, "sbom.cdx.json"), makeSbom(product, pieces))
}

function makeManifest({ name, version, description, license }: Product) {
	return {
		...{ name, version, description, license },
		homepage: "https://hotfix-manager.invalid",
		type: "module",
		main: "electron/main.js",
		// The system knows the window again by it.
		desktopName: `${name}.desktop`,
	}
}

/** SHA-256 of each file, by its path below `dist`. */
function digestsOf(dist: string, folders: readonly string[]): Record<string, string> {
	const files = folders.flatMap((folder) =>
		readdirSync(join(dist, folder), { recursive: true, withFileTypes: true })
			.filter((entry) => entry.isFile())
			.map((entry) => join(entry.parentPath, entry.name)),
	)
	const digestOf = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex")
	return Object.fromEntries(files.sort().map((file) => [relative(dist, file).split(sep).join("/"), digestOf(file)]))
}

function writeJson(path: string, value: unknown): void {
	writeFileSync(path, `${JSON.stringify(value, null, "\t")}\n`)
}
