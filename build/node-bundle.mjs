// What every bundle for Node 24 has in common: one ES module, with CommonJS packages inside it.
const PRELUDE = [
	'import { createRequire as __createRequire } from "node:module"',
	// CommonJS packages inside an ES module bundle still use these.
	"const require = __createRequire(import.meta.url)",
	"const __dirname = import.meta.dirname",
	"const __filename = import.meta.filename",
]

/** esbuild's options for such a bundle. */
export function nodeBundle() {
	return {
		bundle: true,
		platform: "node",
		target: "node24",
		format: "esm",
		// Packages that come as ES modules too are bundled as those: UMD wrappers hide what they require.
		mainFields: ["module", "main"],
		banner: { js: PRELUDE.join("\n") },
		// Native accelerators of ssh2; its JavaScript is fast enough and loads everywhere.
		external: ["cpu-features", "*.node"],
		logLevel: "warning",
	}
}
