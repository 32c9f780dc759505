// Checks the import table (docs/architecture.md) over what esbuild sees. TypeScript's project references refuse type
// imports that cross it; this refuses the rest: node: where it must not be, and packages of another environment.
import { globSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"

const root = fileURLToPath(new URL("..", import.meta.url))

/** Layer by folder, longest first; what each may import. `node` stands for Node's own modules. */
const LAYERS = [
	["core/engine/node-host", ["core/schema", "core/protocol", "core/engine", "node"]],
	["core/schema", []],
	["core/protocol", ["core/schema"]],
	["core/folder", ["core/schema", "core/protocol", "node"]],
	["core/engine", ["core/schema", "core/protocol"]],
	["core/runner", ["core/schema", "core/protocol", "core/folder", "core/engine", "core/engine/node-host", "node"]],
	["core/fleet", ["core/schema", "core/protocol", "core/folder", "node"]],
	["core/cli", ["core/schema", "core/protocol", "core/folder", "core/fleet", "node"]],
	["electron", ["core/schema", "core/protocol", "core/fleet", "node", "package:electron"]],
	["renderer", ["core/schema", "core/protocol"]],
]

const files = globSync("{core,electron,renderer}/**/*.{ts,tsx}", { cwd: root }).filter(
	(file) => !file.endsWith(".d.ts"),
)
const { metafile } = await build({
	absWorkingDir: root,
	entryPoints: files,
	outdir: "dist/layers",
	bundle: true,
	write: false,
	metafile: true,
	packages: "external",
	platform: "node",
	format: "esm",
	// The bundler gives the address of a worker; its file is one of those that are checked.
	external: ["*?worker&url"],
	loader: { ".css": "empty", ".svg": "empty", ".woff2": "empty" },
	logLevel: "error",
})

const faults = []
let checked = 0
for (const [file, { imports }] of Object.entries(metafile.inputs)) {
	const layer = layerOf(file)
	if (!layer) continue
	for (const { path } of imports) {
		checked++
		const to = kindOf(path)
		if (to === undefined || to === layer[0] || layer[1].includes(to)) continue
		faults.push(`${file}: cannot import ${path}: ${layer[0]} may import ${layer[1].join(", ") || "nothing"}`)
	}
}
if (checked === 0) faults.push("cannot check the import table: no import was seen")
for (const fault of faults) console.error(fault)
console.log(`import table: ${checked} imports of ${files.length} files checked, ${faults.length} faults`)
process.exit(faults.length > 0 ? 1 : 0)

function layerOf(file) {
	return LAYERS.find(([folder]) => file.startsWith(`${folder}/`))
}

/** The layer a path belongs to, "node" for Node's own modules, "package:electron"; undefined where anyone may go. */
function kindOf(path) {
	if (path.startsWith("node:")) return "node"
	if (path === "electron" || path.startsWith("electron/main")) return layerOf(path)?.[0] ?? "package:electron"
	return layerOf(path)?.[0]
}
