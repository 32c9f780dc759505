import { execFileSync, spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, vi } from "vitest"
import { createLibrary, type LibraryOptions } from "../../../../../core/fleet/library/library.ts"
import type { LibraryService } from "../../../../../core/fleet/library/types.ts"
import { openStore, type Store } from "../../../../../core/fleet/store/store.ts"
import type { PublishResult } from "../../../../../core/schema/library.ts"

/** A data folder of its own, and a library over it. */
export interface Place {
	root: string
	data: string
	store: Store
	library: LibraryService
	logged: string[]
	/** Another program on the same data folder. */
	again(options?: Partial<LibraryOptions>): LibraryService
}

// Most of it waits for the disk and for the git program; others may be using both.
vi.setConfig({ testTimeout: 60_000 })

const closings: (() => Promise<void> | void)[] = []
afterEach(async () => {
	for (const close of closings.splice(0).reverse()) await close()
})

export function makePlace(options: Partial<LibraryOptions> = {}): Place {
	const root = realpathSync(mkdtempSync(join(tmpdir(), "hotfix-library-")))
	const data = join(root, "data")
	const logged: string[] = []
	const open = (more: Partial<LibraryOptions> = {}) => {
		const store = openStore(data, (line) => logged.push(line))
		const library = createLibrary({ dataFolder: data, store, log: (line) => logged.push(line), ...options, ...more })
		closings.push(async () => {
			await library.close()
			store.close()
		})
		return { store, library }
	}
	closings.push(() => rmSync(root, { recursive: true, force: true }))
	return { root, data, logged, ...open(), again: (more) => open(more).library }
}

export function makeIndex(version: string, targets = ["a.txt"]): string {
	const operations = targets.map((target) => ({ target: `src/${target}`, destination: `/srv/${target}` }))
	const pools = [{ id: "web", description: "", operations, closure: ["test -s /srv/a.txt"] }]
	return `${JSON.stringify({ metadata: { schema_version: version, description: "" }, pools }, null, 2)}\n`
}

/** A module folder outside the library, in no repository. */
export function makeModule(root: string, name = "fix", files: Record<string, string> = {}): string {
	return writeFiles(join(root, name), { "index.json": makeIndex("1.0.0"), "src/a.txt": "one\n", ...files })
}

export function writeFiles(folder: string, files: Record<string, string>): string {
	for (const [path, text] of Object.entries(files)) {
		mkdirSync(dirname(join(folder, path)), { recursive: true })
		writeFileSync(join(folder, path), text)
	}
	return folder
}

export const read = (folder: string, path = "index.json") => readFileSync(join(folder, path), "utf8")

/** Publishes as a person does: looks, then agrees. */
export async function publish(library: LibraryService, folder: string, version?: string): Promise<PublishResult> {
	const { base, content, versions } = await library.propose(folder)
	return library.publish({ folder, base, content, version: version ?? versions[0]?.version ?? "" })
}

export const hasGit = spawnSync("git", ["--version"]).status === 0
if (!hasGit) console.warn("SKIPPED what needs the git program: it is not installed")

/** The real git, without this machine's settings. */
export function git(cwd: string, ...args: string[]): string {
	return execFileSync("git", args, {
		cwd,
		encoding: "utf8",
		stdio: ["ignore", "pipe", "pipe"],
		env: {
			PATH: process.env.PATH,
			HOME: "/nonexistent",
			GIT_CONFIG_NOSYSTEM: "1",
			GIT_AUTHOR_NAME: "Team",
			GIT_AUTHOR_EMAIL: "team@example.test",
			GIT_COMMITTER_NAME: "Team",
			GIT_COMMITTER_EMAIL: "team@example.test",
		},
	}).trimEnd()
}

/** The code of the failure that something ends in; the test fails where it does not. */
export async function failureOf(work: Promise<unknown>) {
	const failed = await work.then(
		() => undefined,
		(error) => error,
	)
	if (!failed?.failure) throw failed ?? new Error("it did not fail")
	return failed.failure as { code: string; data: Record<string, unknown>; findings?: { rule: string }[] }
}
