// Bundles the command line: dist/cli/hotfix.js, one file for Node 24.
import { chmodSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import { nodeBundle } from "./node-bundle.mjs"

const root = fileURLToPath(new URL("..", import.meta.url))
const { version } = JSON.parse(readFileSync(`${root}/package.json`, "utf8"))
const outfile = `${root}/dist/cli/hotfix.js`

await build({
	...nodeBundle("#!/usr/bin/env node"),
	absWorkingDir: root,
	entryPoints: ["core/cli/main.ts"],
	outfile,
	define: { __VERSION__: JSON.stringify(version) },
})
chmodSync(outfile, 0o755)
