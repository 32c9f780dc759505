import { readFileSync } from "node:fs"
import { hostname } from "node:os"
import { hasSystemd, isRoot } from "../engine/node-host/systemd.ts"
import { type Hello, PROTOCOL_VERSION } from "../protocol/runner-calls.ts"
import { version } from "./version.ts"

export function readHello(): Hello {
	return {
		protocol: PROTOCOL_VERSION,
		runnerVersion: version,
		node: process.version,
		hostname: hostname(),
		os: readOs(),
		root: isRoot(),
		systemd: hasSystemd(),
	}
}

/** The system's own name for itself, else what Node knows. */
function readOs(): string {
	try {
		return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? process.platform
	} catch {
		// Not every system has the file; its name is a courtesy.
		return process.platform
	}
}
