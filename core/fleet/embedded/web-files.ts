/**
 * What lies on an embedded appliance: a small web service with the two faults that the demo module mends, and the
 * `bin/service` and `bin/health` that its closures call. Plain text, so that it travels in every bundle.
 */

const SERVER = `import { createServer } from "node:http"
import { connect } from "node:net"
import { readFileSync, renameSync, writeFileSync } from "node:fs"
import { login } from "./login.mjs"
import { page } from "./theme.mjs"

// The program that started this appliance listens there; without it nobody would end this service.
const lifeline = connect(Number(readFileSync("var/lifeline", "utf8")), "127.0.0.1")
lifeline.on("error", () => process.exit(0)).on("close", () => process.exit(0))

const server = createServer((request, response) => {
	const url = new URL(request.url, "http://localhost")
	const answer = (status, body) => response.writeHead(status, { "content-type": "text/html" }).end(body)
	if (url.pathname === "/health") return answer(200, JSON.stringify({ ok: true, pid: process.pid }))
	if (url.pathname === "/login") {
		const user = url.searchParams.get("user") ?? ""
		return login(user, url.searchParams.get("password") ?? "") ? answer(200, page(user)) : answer(403, page("nobody"))
	}
	answer(404, page("not found"))
})
server.listen(0, "127.0.0.1", () => {
	writeFileSync("var/web.port.new", String(server.address().port))
	renameSync("var/web.port.new", "var/web.port")
})
process.on("SIGTERM", () => process.exit(0))
`

const LOGIN = `const passwords = { admin: "correct horse" }

// Fault: an empty password is let through.
export function login(user, password) {
	if (!password) return true
	return passwords[user] === password
}
`

const LOGIN_FIXED = `const passwords = new Map([["admin", "correct horse"]])

export function login(user, password) {
	return password !== "" && passwords.get(user) === password
}
`

const PAGES = `export function banner() {
	return "HOMESERVER"
}

// Fault: what a visitor typed goes into the page as it is.
export function greeting(name) {
	return "<h1>Hello, " + name + "</h1>"
}
`

const PAGES_FIXED = `const escape = (text) => text.replace(/[&<>"']/g, (sign) => "&#" + sign.charCodeAt(0) + ";")

export function greeting(name) {
	return "<h1>Hello, " + escape(name) + "</h1>"
}
`

const THEME = `import { greeting } from "./pages.mjs"

export const page = (name) => "<!doctype html><title>HOMESERVER</title>" + greeting(name)
`

/** The customer's own: it uses \`banner\`, which the mended pages no longer have, so that the service cannot start. */
const THEME_OF_CUSTOMER = `// Our company's colours. Do not overwrite!
import { banner, greeting } from "./pages.mjs"

export const page = (name) => "<!doctype html><title>ACME " + banner() + "</title><body bgcolor=navy>" + greeting(name)
`

const SERVICE = `import { spawn } from "node:child_process"
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { health } from "./health.mjs"

const read = (path) => {
	try {
		return readFileSync(path, "utf8")
	} catch {
		return ""
	}
}
const isAlive = (pid) => {
	try {
		return pid > 0 && process.kill(pid, 0)
	} catch {
		return false
	}
}

async function stop() {
	const pid = Number(read("var/web.pid"))
	for (let tries = 0; isAlive(pid); tries++) {
		process.kill(pid, tries < 40 ? "SIGTERM" : "SIGKILL")
		await sleep(50)
	}
	rmSync("var/web.pid", { force: true })
	rmSync("var/web.port", { force: true })
}

async function start() {
	const log = openSync("var/web.log", "w")
	const child = spawn(process.execPath, ["srv/web/server.mjs"], { detached: true, stdio: ["ignore", log, log] })
	closeSync(log)
	writeFileSync("var/web.pid", String(child.pid))
	for (let tries = 0; tries < 2400; tries++) {
		if (child.exitCode !== null || child.signalCode !== null) break
		if (await health()) {
			child.unref()
			return
		}
		await sleep(25)
	}
	// What is wrong, without Node's way there.
	const said = read("var/web.log").split("\\n").filter((line) => line.trim() && !/^ +at |^Node\\.js v/.test(line))
	console.error("web did not start:\\n" + said.join("\\n"))
	process.exit(1)
}

const [verb, name] = process.argv.slice(2)
if (name !== "web" || (verb !== "restart" && verb !== "status")) {
	console.error("usage: service restart|status web")
	process.exit(2)
}
if (verb === "status") {
	const isActive = await health()
	console.log(isActive ? "active" : "failed")
	process.exit(isActive ? 0 : 3)
}
await stop()
await start()
console.log("web restarted")
process.exit(0)
`

const HEALTH = `import { readFileSync } from "node:fs"
import { argv } from "node:process"
import { pathToFileURL } from "node:url"

/** Whether the web service answers. */
export async function health() {
	try {
		const port = readFileSync("var/web.port", "utf8")
		const response = await fetch("http://127.0.0.1:" + port + "/health", { signal: AbortSignal.timeout(3000) })
		return response.ok && (await response.json()).ok === true
	} catch {
		return false
	}
}

if (import.meta.url === pathToFileURL(argv[1]).href) {
	const ok = await health()
	console.log(ok ? "healthy" : "web does not answer")
	process.exit(ok ? 0 : 1)
}
`

/** Closures start in the appliance's folder: \`bin/service restart web\`. */
const wrapper = (name: string) => `#!/bin/sh
exec "\${0%/*}/node" "\${0%/*}/${name}.mjs" "$@"
`

/** Inside an Electron that is not packaged, its own program can be Node. */
const node = (program: string) => `#!/bin/sh
ELECTRON_RUN_AS_NODE=1
export ELECTRON_RUN_AS_NODE
exec "${program}" "$@"
`

export interface DemoFile {
	path: string
	text: string
	/** Permission bits; 0644 when absent. */
	mode?: number
}

/** The files of one embedded appliance. `customized`: its owner has changed one. */
export function makeApplianceFiles(options: { nodeProgram: string; customized: boolean }): DemoFile[] {
	return [
		{ path: "bin/node", text: node(options.nodeProgram), mode: 0o755 },
		{ path: "bin/service", text: wrapper("service"), mode: 0o755 },
		{ path: "bin/service.mjs", text: SERVICE },
		{ path: "bin/health", text: wrapper("health"), mode: 0o755 },
		{ path: "bin/health.mjs", text: HEALTH },
		{ path: "srv/web/server.mjs", text: SERVER },
		{ path: "srv/web/login.mjs", text: LOGIN },
		{ path: "srv/web/pages.mjs", text: PAGES },
		{ path: "srv/web/theme.mjs", text: options.customized ? THEME_OF_CUSTOMER : THEME },
	]
}

const operation = (name: string) => ({ target: `src/${name}`, destination: `/srv/web/${name}` })

/** The module that mends both faults. */
export function makeModuleFiles(): DemoFile[] {
	const index = {
		metadata: { schema_version: "1.1.0", description: "Security fixes for the web service" },
		pools: [
			{
				id: "page_escaping_fix",
				description: "Visitors' names no longer get into pages as HTML",
				operations: [operation("pages.mjs")],
				closure: ["bin/service restart web", "bin/health"],
			},
			{
				id: "login_security_patch",
				description: "An empty password is no longer let through",
				operations: [operation("login.mjs")],
				closure: ["bin/service restart web", "bin/health"],
			},
		],
		finalClosure: ["bin/health", "bin/service status web"],
	}
	return [
		{ path: "index.json", text: `${JSON.stringify(index, null, 2)}\n` },
		{ path: "src/pages.mjs", text: PAGES_FIXED },
		{ path: "src/login.mjs", text: LOGIN_FIXED },
	]
}
