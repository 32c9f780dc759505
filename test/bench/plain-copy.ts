// What one would write without a transaction: node plain-copy.ts SOURCES DESTINATIONS ASIDE. For each file, one after the
// other: the old one is copied aside, the new one is written to a temporary name, both are synced, and the new one is
// renamed over the old one. It verifies nothing, keeps no owner and no attributes, and cannot go back by itself.
import { closeSync, copyFileSync, fsyncSync, openSync, readdirSync, readFileSync, renameSync, writeSync } from "node:fs"
import { join } from "node:path"

const [sources = "", destinations = "", aside = ""] = process.argv.slice(2)

for (const name of readdirSync(sources)) {
	const destination = join(destinations, name)
	const old = join(aside, name)
	copyFileSync(destination, old)
	syncFile(old)
	const temp = `${destination}.new`
	const file = openSync(temp, "wx", 0o644)
	writeSync(file, readFileSync(join(sources, name)))
	fsyncSync(file)
	closeSync(file)
	renameSync(temp, destination)
}

function syncFile(path: string): void {
	const file = openSync(path, "r")
	fsyncSync(file)
	closeSync(file)
}
