import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

/** Where the machine itself gets a Debian suite from, as its apt sources say. */
export function readMirror(suite: string, folder = "/etc/apt"): string {
	const parts = join(folder, "sources.list.d")
	const files = [
		join(folder, "sources.list"),
		...(existsSync(parts) ? readdirSync(parts).map((name) => join(parts, name)) : []),
	]
	for (const file of files.filter((one) => existsSync(one))) {
		const text = readFileSync(file, "utf8")
		const found = file.endsWith(".sources")
			? findDeb822(text, suite)
			: file.endsWith(".list") && findOneLine(text, suite)
		if (found) return found
	}
	throw new Error(`cannot find ${suite} in ${folder}/sources.list*: add a Debian mirror that has it`)
}

/** One-line style: `deb [options] URI SUITE main ...`. */
export function findOneLine(text: string, suite: string): string | undefined {
	for (const line of text.split("\n")) {
		const [, uri, name, components] = /^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+(.*)$/.exec(line.trim()) ?? []
		if (name === suite && components?.split(/\s+/).includes("main")) return uri
	}
}

/** Paragraphs with `URIs:`, `Suites:` and `Components:`. */
export function findDeb822(text: string, suite: string): string | undefined {
	for (const paragraph of text.replace(/^#.*\n?/gm, "").split(/\n\s*\n/)) {
		const words = (key: string) => new RegExp(`^${key}:\\s*(.*)$`, "im").exec(paragraph)?.[1]?.trim().split(/\s+/) ?? []
		const isDeb = words("Types").includes("deb") && words("Components").includes("main")
		if (isDeb && words("Suites").includes(suite)) return words("URIs")[0]
	}
}
