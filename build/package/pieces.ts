import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

/** Something that is not ours and that an installer carries. */
export interface Piece {
	kind: "library" | "framework" | "application"
	name: string
	version: string
	licence: string
	/** What its package has to say of its licence: to be given on with it. */
	texts: string[]
	purl: string
	/** Of what was fetched, or of the program itself; hexadecimal. */
	hashes: { algorithm: "SHA-256" | "SHA-512"; digest: string }[]
}

/** Licences whose conditions a list with their texts fulfils. Anything else is for a person to judge. */
export const ALLOWED = new Set([
	"0BSD",
	"Apache-2.0",
	"BSD-2-Clause",
	"BSD-3-Clause",
	"ISC",
	"MIT",
	"(MIT AND Zlib)",
	"OFL-1.1",
	"Unlicense",
])

/** The parts that an installer's archive is made of, by their bundlers' account (build/bundled.mjs). */
const PARTS = ["electron", "renderer", "runner", "worker"]

interface Lock {
	packages: Record<string, { version: string; integrity?: string }>
}

interface Runtime {
	architecture: string
	version: string
	digest: string
}

/** All of them. `dist` is what was built; `root` has node_modules and the lock file. */
export function readPieces(root: string, dist: string): Piece[] {
	const lock = readJson<Lock>(join(root, "package-lock.json"))
	const folders = new Set(PARTS.flatMap((part) => readJson<string[]>(join(dist, "bundled", `${part}.json`))))
	const runtimes = readJson<Runtime[]>(join(dist, "runtimes/runtimes.json"))
	return [
		readPackage(root, "node_modules/electron", lock, "framework"),
		...runtimes.map((runtime) => readRuntime(root, runtime)),
		...[...folders].sort().map((folder) => readPackage(root, folder, lock, "library")),
	]
}

/** Those that nobody has judged, each as a line. */
export function findUnjudged(pieces: readonly Piece[]): string[] {
	return pieces
		.filter(({ licence }) => !ALLOWED.has(licence))
		.map(({ name, version, licence }) => `${name} ${version}: ${licence}`)
}

function readPackage(root: string, folder: string, lock: Lock, kind: Piece["kind"]): Piece {
	const manifest = readJson<Manifest>(join(root, folder, "package.json"))
	const integrity = lock.packages[folder]?.integrity
	const { name, version } = manifest
	return {
		kind,
		name,
		version,
		licence: licenceOf(manifest),
		texts: readTexts(join(root, folder)),
		purl: `pkg:npm/${name.replace("@", "%40")}@${version}`,
		hashes: integrity?.startsWith("sha512-")
			? [{ algorithm: "SHA-512", digest: Buffer.from(integrity.slice(7), "base64").toString("hex") }]
			: [],
	}
}

/** npm's packages of it say nothing of a licence but its text, which is the same for all processors. */
function readRuntime(root: string, { architecture, version, digest }: Runtime): Piece {
	const folder = readdirSync(join(root, "node_modules")).find((name) => /^node-(linux|win|darwin)-/.test(name))
	return {
		kind: "application",
		name: `Node.js for Linux ${architecture}`,
		version,
		licence: "MIT",
		texts: folder ? readTexts(join(root, "node_modules", folder)) : [],
		purl: `pkg:generic/node@${version}?arch=${architecture}&os=linux`,
		hashes: [{ algorithm: "SHA-256", digest }],
	}
}

interface Manifest {
	name: string
	version: string
	license?: string
	/** As packages said it ten years ago. */
	licenses?: { type: string }[]
}

function licenceOf({ license, licenses }: Manifest): string {
	return license ?? licenses?.map(({ type }) => type).join(" OR ") ?? "none named"
}

function readTexts(folder: string): string[] {
	return readdirSync(folder)
		.filter((name) => /^(licen[cs]e|copying|notice)/i.test(name))
		.sort()
		.map((name) => readFileSync(join(folder, name), "utf8").trim())
}

function readJson<T>(path: string): T {
	return JSON.parse(readFileSync(path, "utf8")) as T
}
