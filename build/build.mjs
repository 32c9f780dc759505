// Builds the parts named, or all: node build/build.mjs [runner] [cli] [electron] [renderer] [runtimes]
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"

const PARTS = {
	runner: ["build/runner.mjs"],
	cli: ["build/cli.mjs"],
	electron: ["build/electron.mjs"],
	runtimes: ["build/runtimes.mjs"],
	renderer: ["node_modules/vite/bin/vite.js", "build", "--logLevel", "warn"],
}

/** Builds parts side by side; rejects with the name of the first that cannot be built. */
export async function build(names = Object.keys(PARTS)) {
	await Promise.all(names.map(buildPart))
}

function buildPart(name) {
	return new Promise((resolve, reject) => {
		const child = spawn(process.execPath, PARTS[name], {
			cwd: fileURLToPath(new URL("..", import.meta.url)),
			stdio: ["ignore", "inherit", "inherit"],
			// What is built is what is shipped, whoever asks: under a test's NODE_ENV pages would carry sources' paths.
			env: { ...process.env, NODE_ENV: "production" },
		})
		child.on("error", reject)
		child.on("close", (code) => (code === 0 ? resolve() : reject(new Error(`cannot build ${name}`))))
	})
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const names = process.argv.slice(2)
	const unknown = names.find((name) => !(name in PARTS))
	const building = unknown
		? Promise.reject(new Error(`cannot build ${unknown}: there are ${Object.keys(PARTS).join(", ")}`))
		: build(names.length > 0 ? names : undefined)
	await building.catch((error) => {
		console.error(error.message)
		process.exit(1)
	})
}
