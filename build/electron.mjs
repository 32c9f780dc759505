// Bundles the Electron shell: dist/electron/main.js (ES module) and dist/electron/preload.cjs (a sandboxed preload can
// only be CommonJS). dist is found from there, packaged or not.
import { fileURLToPath } from "node:url"
import { build } from "esbuild"

const root = fileURLToPath(new URL("..", import.meta.url))
const common = {
	absWorkingDir: root,
	bundle: true,
	platform: "node",
	// Packages that come as ES modules too are bundled as those: UMD wrappers hide what they require.
	mainFields: ["module", "main"],
	logLevel: "warning",
}

await Promise.all([
	build({
		...common,
		entryPoints: ["electron/main.ts"],
		outfile: "dist/electron/main.js",
		target: "node24",
		format: "esm",
		// CommonJS packages inside an ES module bundle still call require.
		banner: {
			js: 'import { createRequire as __createRequire } from "node:module"\nconst require = __createRequire(import.meta.url)',
		},
		// Native accelerators of ssh2; its JavaScript is fast enough and loads everywhere.
		external: ["electron", "cpu-features", "*.node"],
	}),
	build({
		...common,
		entryPoints: ["electron/preload.ts"],
		outfile: "dist/electron/preload.cjs",
		target: "chrome130",
		format: "cjs",
		external: ["electron"],
	}),
])
