// Bundles the runner: dist/runner/hotfix-runner.cjs, one file without dependencies for Node 18.
import { chmodSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"

const root = fileURLToPath(new URL("..", import.meta.url))
const { version } = JSON.parse(readFileSync(`${root}/package.json`, "utf8"))
const outfile = `${root}/dist/runner/hotfix-runner.cjs`

/** The appliance's runner speaks English; zod's forty other languages are a third of the file. */
const englishOnly = {
	name: "english-only",
	setup(bundler) {
		bundler.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
			contents: 'export { default as en } from "./en.js"',
		}))
	},
}

/** zod as a namespace of its own can be taken apart: what nothing uses, a quarter of the file, stays out of it. */
const usedOfZod = {
	name: "used-of-zod",
	setup(bundler) {
		bundler.onLoad({ filter: /[\\/]core[\\/].*\.ts$/ }, ({ path }) => ({
			contents: readFileSync(path, "utf8").replace('import { z } from "zod"', 'import * as z from "zod"'),
			loader: "ts",
		}))
	},
}

await build({
	absWorkingDir: root,
	entryPoints: ["core/runner/main.ts"],
	outfile,
	bundle: true,
	platform: "node",
	target: "node18",
	format: "cjs",
	// Their CommonJS forms are made so that no bundler can follow them.
	mainFields: ["module", "main"],
	minify: true,
	legalComments: "none",
	define: { __VERSION__: JSON.stringify(version) },
	plugins: [englishOnly, usedOfZod],
	banner: { js: "#!/usr/bin/env node" },
	logLevel: "warning",
})
chmodSync(outfile, 0o755)
