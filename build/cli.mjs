// Bundles the command line: dist/cli/hotfix-program.js, one file for Node 24, and dist/cli/hotfix.js, which plain
// Node 20 reads and which starts it.
import { chmodSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import { nodeBundle } from "./node-bundle.mjs"

const root = fileURLToPath(new URL("..", import.meta.url))
const { version } = JSON.parse(readFileSync(`${root}/package.json`, "utf8"))
const start = `${root}/dist/cli/hotfix.js`

await build({
	...nodeBundle(),
	absWorkingDir: root,
	entryPoints: ["core/cli/main.ts"],
	outfile: `${root}/dist/cli/hotfix-program.js`,
	define: { __VERSION__: JSON.stringify(version) },
})
await build({
	absWorkingDir: root,
	entryPoints: ["core/cli/start.ts"],
	outfile: start,
	platform: "node",
	target: "node20",
	format: "esm",
	banner: { js: "#!/usr/bin/env node" },
	logLevel: "warning",
})
chmodSync(start, 0o755)
