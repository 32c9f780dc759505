// Bundles the Electron shell: dist/electron/main.js (ES module) and dist/electron/preload.cjs (a sandboxed preload can
// only be CommonJS). dist is found from there, packaged or not.
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import { bundledBy, noteBundled } from "./bundled.mjs"
import { nodeBundle } from "./node-bundle.mjs"

const absWorkingDir = fileURLToPath(new URL("..", import.meta.url))
const node = nodeBundle()

const built = await Promise.all([
	build({
		...node,
		absWorkingDir,
		entryPoints: ["electron/main.ts"],
		outfile: "dist/electron/main.js",
		metafile: true,
		external: ["electron", ...node.external],
	}),
	build({
		absWorkingDir,
		entryPoints: ["electron/preload.ts"],
		outfile: "dist/electron/preload.cjs",
		metafile: true,
		bundle: true,
		platform: "node",
		target: "chrome130",
		format: "cjs",
		external: ["electron"],
		logLevel: "warning",
	}),
])
noteBundled(
	"electron",
	built.flatMap(({ metafile }) => bundledBy(metafile)),
)
