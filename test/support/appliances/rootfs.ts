import { createHash } from "node:crypto"
import { existsSync } from "node:fs"
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises"
import { join } from "node:path"
import { run } from "./command.ts"
import { withLock } from "./flock.ts"
import { readMirror } from "./mirror.ts"
import { cacheFolder, claimFolder, workFolder } from "./paths.ts"
import { bootstrapOptions, npmVersion, packages, setUpScript, suite } from "./recipe.ts"

/**
 * The folder of the appliances' common root file system, never to be written to.
 * Built once (about a minute) and kept packed below `.cache/`; unpacked when this machine does not have it yet.
 */
export async function prepareRootfs(): Promise<string> {
	const key = createHash("sha256").update(
		JSON.stringify([suite, bootstrapOptions, packages, npmVersion, setUpScript, process.arch]),
	)
	const name = `rootfs-${key.digest("hex").slice(0, 12)}`
	const folder = join(workFolder, name)
	await withLock(join(claimFolder, "rootfs.lock"), async () => {
		if (existsSync(folder)) return
		const packed = join(cacheFolder, `${name}.tar.zst`)
		await mkdir(workFolder, { recursive: true, mode: 0o700 })
		await mkdir(cacheFolder, { recursive: true })
		const fresh = await mkdtemp(join(workFolder, "making-"))
		try {
			await (existsSync(packed) ? unpack(packed, fresh) : build(fresh, packed))
			await rename(join(fresh, "root"), folder)
		} finally {
			await rm(fresh, { recursive: true, force: true })
		}
	})
	return folder
}

async function unpack(packed: string, folder: string) {
	await mkdir(join(folder, "root"))
	await run("tar", ["--zstd", "--numeric-owner", "--xattrs", "-xpf", packed, "-C", join(folder, "root")])
}

async function build(folder: string, packed: string) {
	const root = join(folder, "root")
	const npmPacked = run("npm", ["pack", `npm@${npmVersion}`, "--silent", "--pack-destination", folder], { cwd: folder })
	await run("mmdebstrap", [...bootstrapOptions, `--include=${packages.join()}`, suite, root, readMirror(suite)])
	await mkdir(join(root, "usr/lib/node_modules/npm"), { recursive: true })
	const npm = join(folder, (await npmPacked).trim())
	await run("tar", [
		"--no-same-owner",
		"--strip-components=1",
		"-xzf",
		npm,
		"-C",
		join(root, "usr/lib/node_modules/npm"),
	])
	await run("chroot", [root, "sh", "-c", setUpScript])
	await run("tar", ["--zstd", "--numeric-owner", "--xattrs", "-cpf", `${packed}.part`, "-C", root, "."])
	await rename(`${packed}.part`, packed)
}
