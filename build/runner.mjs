// Bundles the runner: dist/runner/hotfix-runner.cjs, one file without dependencies for Node 18.
import { createHash } from "node:crypto"
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import { bundledBy, noteBundled } from "./bundled.mjs"

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

const common = {
	absWorkingDir: root,
	bundle: true,
	platform: "node",
	target: "node18",
	format: "cjs",
	minify: true,
	legalComments: "none",
	metafile: true,
	logLevel: "warning",
}

const bundled = await build({
	...common,
	entryPoints: ["core/runner/main.ts"],
	write: false,
	// Their CommonJS forms are made so that no bundler can follow them.
	mainFields: ["module", "main"],
	define: { __VERSION__: JSON.stringify(version) },
	plugins: [englishOnly, usedOfZod],
})
// One byte a character; what esbuild leaves as it is stands in regular expressions.
const ascii = bundled.outputFiles[0].text.replace(
	/[^\0-\x7e]/g,
	(unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
)
const program = `(function (exports, require, module) {${ascii}})`
if (program.includes("\u0001")) throw new Error("cannot pack the runner: it holds the mark that its comment uses")
const comment = `/*${program.replaceAll("*/", "*\u0001/")}*/`

// The file is a small start with the runner in a comment behind it: core/runner/start.ts says why.
const start = await build({
	...common,
	entryPoints: ["core/runner/start.ts"],
	write: false,
	define: {
		__PROGRAM_DIGEST__: JSON.stringify(createHash("sha256").update(program).digest("hex")),
		__COMMENT_LENGTH__: String(comment.length),
	},
})
noteBundled(
	"runner",
	[bundled, start].flatMap(({ metafile }) => bundledBy(metafile)),
)
mkdirSync(dirname(outfile), { recursive: true })
// Whole at once: a test may be starting the one that is there.
writeFileSync(`${outfile}.new`, `#!/usr/bin/env node\n${start.outputFiles[0].text}${comment}`)
chmodSync(`${outfile}.new`, 0o755)
renameSync(`${outfile}.new`, outfile)
