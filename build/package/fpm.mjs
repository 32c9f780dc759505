#!/usr/bin/env node
// What electron-builder needs of fpm to make a deb, over dpkg-deb: the real one is a bundle of Ruby that it would fetch.
// Takes the arguments that electron-builder gives; any other is refused, rather than a package made that lacks something.
import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import {
	chmodSync,
	copyFileSync,
	cpSync,
	lstatSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, relative } from "node:path"

const SWITCHES = ["--force"]
const LISTS = ["-d", "--deb-recommends"]
const VALUES = [
	"-s",
	"-t",
	"--architecture",
	"--after-install",
	"--after-remove",
	"--description",
	"--version",
	"--package",
	"--name",
	"--maintainer",
	"--vendor",
	"--url",
	"--category",
	"--license",
	"--deb-priority",
	"--deb-compression",
]

const { values, lists, places } = parse(process.argv.slice(2))
if (values["-s"] !== "dir" || values["-t"] !== "deb") stop(`cannot make a ${values["-t"]} of a ${values["-s"]}`)
const tree = mkdtempSync(join(tmpdir(), "hotfix-deb-"))
try {
	for (const place of places) lay(...place.split(/=(.*)/s))
	closeToOthers(tree)
	const sums = filesOf(tree).map((file) => `${md5Of(file)}  ${relative(tree, file)}\n`)
	const size = filesOf(tree).reduce((sum, file) => sum + lstatSync(file).size, 0)
	const control = join(tree, "DEBIAN")
	mkdirSync(control, { mode: 0o755 })
	writeFileSync(join(control, "md5sums"), sums.join(""))
	writeFileSync(join(control, "control"), makeControl(size))
	for (const [option, name] of [
		["--after-install", "postinst"],
		["--after-remove", "postrm"],
	]) {
		if (!values[option]) continue
		copyFileSync(values[option], join(control, name))
		chmodSync(join(control, name), 0o755)
	}
	const compression = values["--deb-compression"] === "gz" ? "-Zgzip" : `-Z${values["--deb-compression"] ?? "xz"}`
	execFileSync("dpkg-deb", ["--root-owner-group", compression, "--build", tree, values["--package"]], {
		stdio: ["ignore", "ignore", "inherit"],
	})
} finally {
	rmSync(tree, { recursive: true, force: true })
}

function parse(args) {
	const parsed = { values: {}, lists: Object.fromEntries(LISTS.map((name) => [name, []])), places: [] }
	while (args.length > 0) {
		const arg = args.shift()
		if (SWITCHES.includes(arg)) continue
		if (LISTS.includes(arg)) parsed.lists[arg].push(args.shift())
		else if (VALUES.includes(arg)) parsed.values[arg] = args.shift()
		else if (arg.includes("=/")) parsed.places.push(arg)
		else stop(`cannot do ${arg}`)
	}
	return parsed
}

/** `FOLDER/=/PLACE` lays down what is in the folder, `FILE=/PLACE` the file. */
function lay(from, to) {
	const place = join(tree, to)
	mkdirSync(dirname(place), { recursive: true })
	cpSync(from, place, { recursive: true, verbatimSymlinks: true })
}

/** Whoever builds may have any umask. What is installed everybody may read and root alone write to. */
function closeToOthers(folder) {
	chmodSync(folder, 0o755)
	for (const entry of readdirSync(folder, { withFileTypes: true })) {
		const path = join(folder, entry.name)
		if (entry.isDirectory()) closeToOthers(path)
		else if (entry.isFile()) chmodSync(path, lstatSync(path).mode & 0o100 ? 0o755 : 0o644)
	}
}

function filesOf(folder) {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath ?? entry.path, entry.name))
		.sort()
}

function md5Of(file) {
	return createHash("md5").update(readFileSync(file)).digest("hex")
}

function makeControl(bytes) {
	const [synopsis, ...rest] = values["--description"].split("\n").map((line) => line.trim())
	const fields = {
		Package: values["--name"],
		Version: values["--version"],
		License: values["--license"],
		Vendor: values["--vendor"],
		Architecture: values["--architecture"],
		Maintainer: values["--maintainer"],
		"Installed-Size": String(Math.ceil(bytes / 1024)),
		Depends: lists["-d"].join(", "),
		Recommends: lists["--deb-recommends"].join(", "),
		Section: values["--category"] ?? "default",
		Priority: values["--deb-priority"],
		Homepage: values["--url"],
		// An empty line would end the fields.
		Description: [synopsis, ...rest.map((line) => ` ${line || "."}`)].join("\n"),
	}
	return Object.entries(fields)
		.flatMap(([name, value]) => (value ? [`${name}: ${value}\n`] : []))
		.join("")
}

function stop(reason) {
	process.stderr.write(`fpm.mjs: ${reason}\n`)
	process.exit(1)
}
