import { randomBytes } from "node:crypto"
import { constants } from "node:fs"
import { link, mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises"
import { dirname, join } from "node:path"
import { FailureError } from "../../../schema/failure.ts"
import { syncFolder } from "../files/atomic-file.ts"
import { codeOf, isMissing } from "../files/disk-failure.ts"
import { requirePlain } from "./own-repository.ts"
import type { Repository } from "./repository.ts"

/** What is checked out: a branch, with its commit once it has one, or no branch (`detached`). */
export type Head = { branch: string; ref: string; commit?: string } | { branch?: undefined; commit: string }

/** Fails with `repository-unusable` where HEAD or its branch make no sense. */
export async function readHead(repository: Repository): Promise<Head> {
	const path = join(repository.gitDir, "HEAD")
	const text = await readFile(path, "utf8").catch(isMissing)
	const ref = /^ref: (refs\/heads\/(.+))\n?$/.exec(text ?? "")
	if (!ref?.[1] || !ref[2]) return { commit: parseOid(text ?? "", path) }
	const commit = await readRef(repository, ref[1])
	return { branch: ref[2], ref: ref[1], ...(commit && { commit }) }
}

/**
 * The commit (or tag object) that a ref leads to; undefined where there is none. Fails with `repository-unusable` for a name
 * that git would not give, which could lead elsewhere.
 */
export async function readRef({ commonDir }: Repository, ref: string): Promise<string | undefined> {
	const path = join(commonDir, ref)
	if (!isRefName(ref)) throw new FailureError("repository-unusable", { path: commonDir, reason: "ref-name" })
	await requirePlain(commonDir, ref)
	const text = await readFile(path, "utf8").catch((error) =>
		codeOf(error) === "EISDIR" ? undefined : isMissing(error),
	)
	if (text !== undefined) return parseOid(text, path)
	return (await readPackedRefs(commonDir)).get(ref)
}

/** By git-check-ref-format(1). */
function isRefName(ref: string): boolean {
	const isPart = (part: string) => part !== "" && !part.startsWith(".") && !part.endsWith(".lock")
	// biome-ignore lint/suspicious/noControlCharactersInRegex: git has none in its names
	return ref.split("/").every(isPart) && !/[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\.$/.test(ref)
}

function parseOid(text: string, path: string): string {
	const oid = /^([0-9a-f]{40})\n?$/.exec(text)?.[1]
	if (oid !== undefined) return oid
	throw new FailureError("repository-unusable", { path, reason: "damaged" })
}

async function readPackedRefs(commonDir: string): Promise<Map<string, string>> {
	const text = (await readFile(join(commonDir, "packed-refs"), "utf8").catch(isMissing)) ?? ""
	return new Map([...text.matchAll(/^([0-9a-f]{40}) (refs\/\S+)$/gm)].map(([, oid = "", ref = ""]) => [ref, oid]))
}

/** Names and targets below `refs/tags/` or another folder of refs. One that cannot be read is left out. */
export async function listRefs({ commonDir }: Repository, folder: string): Promise<Map<string, string>> {
	const packed = [...(await readPackedRefs(commonDir))].filter(([ref]) => ref.startsWith(`${folder}/`))
	const refs = new Map(packed.map(([ref, oid]) => [ref.slice(folder.length + 1), oid]))
	const names = (await readdir(join(commonDir, folder), { withFileTypes: true }).catch(isMissing)) ?? []
	const files = names.filter((entry) => entry.isFile() && !entry.name.startsWith(".") && !entry.name.endsWith(".lock"))
	const loose = files.map(async ({ name }) => {
		const text = await readFile(join(commonDir, folder, name), "utf8").catch(isMissing)
		const oid = /^([0-9a-f]{40})\n?$/.exec(text ?? "")?.[1]
		if (oid) refs.set(name, oid)
	})
	await Promise.all(loose)
	return refs
}

/** Moves a branch from one commit to the next and says so in its log; whoever calls holds the index's lock. */
export async function moveBranch(
	repository: Repository,
	head: Head & { ref: string },
	commit: string,
	{ signature, message }: { signature: string; message: string },
): Promise<void> {
	if ((await readRef(repository, head.ref)) !== head.commit)
		throw new FailureError("changed-meanwhile", { path: join(repository.commonDir, head.ref) })
	const logs = [
		[repository.gitDir, "logs/HEAD"],
		[repository.commonDir, `logs/${head.ref}`],
	] as const
	for (const [folder, log] of logs) await requirePlain(folder, log)
	await placeRef(repository, head.ref, commit, rename)
	const line = `${head.commit ?? "0".repeat(40)} ${commit} ${signature}\t${message}\n`
	for (const [folder, log] of logs) await appendLine(join(folder, log), line)
}

/** What it says is partly another's: it must never come to stand in a file that a link leads to. */
async function appendLine(path: string, line: string): Promise<void> {
	await mkdir(dirname(path), { recursive: true })
	const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0)
	const file = await open(path, flags, 0o644)
	await file.appendFile(line).finally(() => file.close())
}

/** Makes a ref that does not exist; false when another program was quicker. */
export async function createRef(repository: Repository, ref: string, oid: string): Promise<boolean> {
	if ((await readRef(repository, ref)) !== undefined) return false
	try {
		await placeRef(repository, ref, oid, link)
		return true
	} catch (error) {
		if (codeOf(error) === "EEXIST") return false
		throw error
	}
}

async function placeRef(
	{ commonDir }: Repository,
	ref: string,
	oid: string,
	place: (from: string, to: string) => Promise<void>,
): Promise<void> {
	const path = join(commonDir, ref)
	const temporary = join(commonDir, `hotfix-${randomBytes(8).toString("hex")}`)
	const file = await open(temporary, "wx", 0o644)
	try {
		await file.writeFile(`${oid}\n`)
		await file.sync()
		await mkdir(dirname(path), { recursive: true })
		await place(temporary, path)
	} finally {
		await file.close()
		await rm(temporary, { force: true })
	}
	await syncFolder(dirname(path))
}

/** Whether git is in the middle of something that a commit would get mixed up with. */
export async function isMidway({ gitDir }: Repository): Promise<boolean> {
	const names = ["MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply"]
	const found = await Promise.all(names.map((name) => stat(join(gitDir, name)).catch(isMissing)))
	return found.some((one) => one !== undefined)
}
