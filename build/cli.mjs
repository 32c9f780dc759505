// Bundles the command line: dist/cli/hotfix.js, one file for Node 24.
import { chmodSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"

const root = fileURLToPath(new URL("..", import.meta.url))
const { version } = JSON.parse(readFileSync(`${root}/package.json`, "utf8"))
const outfile = `${root}/dist/cli/hotfix.js`

await build({
	absWorkingDir: root,
	entryPoints: ["core/cli/main.ts"],
	outfile,
	bundle: true,
	platform: "node",
	// Packages that come as ES modules too are bundled as those: UMD wrappers hide what they require.
	mainFields: ["module", "main"],
	target: "node24",
	format: "esm",
	define: { __VERSION__: JSON.stringify(version) },
	// CommonJS packages inside an ES module bundle still call require.
	banner: {
		js: '#!/usr/bin/env node\nimport { createRequire as __createRequire } from "node:module"\nconst require = __createRequire(import.meta.url)',
	},
	// Native accelerators of ssh2; its JavaScript is fast enough and loads everywhere.
	external: ["cpu-features", "*.node"],
	logLevel: "warning",
})
chmodSync(outfile, 0o755)
