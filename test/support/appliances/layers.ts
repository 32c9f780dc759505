import { chmod, chown, cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { run } from "./command.ts"
import { homeserverFixture } from "./paths.ts"
import { userIds } from "./recipe.ts"

const webServerGroup = 33

/** Who may sign in: the lab's public key for root and for support. */
export async function createKeyLayer(folder: string, publicKey: string): Promise<string> {
	const homes = { "root/.ssh": userIds.root, "home/support/.ssh": userIds.support }
	for (const [path, id] of Object.entries(homes)) {
		const keys = join(folder, path)
		await mkdir(keys, { recursive: true })
		await writeFile(join(keys, "authorized_keys"), publicKey, { mode: 0o600 })
		for (const made of [dirname(keys), keys, join(keys, "authorized_keys")]) await chown(made, id, id)
		for (const made of [dirname(keys), keys]) await chmod(made, 0o700)
	}
	return folder
}

/** The web application and its backend, built, with their units enabled. */
export async function createHomeserverLayer(folder: string): Promise<string> {
	const site = join(folder, "var/www/homeserver")
	const units = join(folder, "etc/systemd/system")
	const wanted = join(units, "multi-user.target.wants")
	await mkdir(wanted, { recursive: true })
	await cp(join(homeserverFixture, "site"), site, { recursive: true })
	await cp(join(homeserverFixture, "units"), units, { recursive: true })
	for (const unit of ["homeserver.service", "gunicorn.service"])
		await symlink(`/etc/systemd/system/${unit}`, join(wanted, unit))
	await run(process.execPath, [join(site, "build.mjs")])
	await chown(join(site, "backend/config.py"), 0, webServerGroup)
	await chmod(join(site, "backend/config.py"), 0o640)
	return folder
}

/** What makes one appliance itself: name, machine id, host keys. Returns its known_hosts line. */
export async function writeIdentity(rootPath: string, name: string, host: string): Promise<string> {
	await mkdir(join(rootPath, "etc/ssh"), { recursive: true })
	await writeFile(join(rootPath, "etc/hostname"), `${name}\n`)
	await writeFile(join(rootPath, "etc/hosts"), `127.0.0.1 localhost\n127.0.1.1 ${name}\n::1 localhost\n`)
	await writeFile(join(rootPath, "etc/machine-id"), `${crypto.randomUUID().replaceAll("-", "")}\n`)
	return writeHostKey(rootPath, host)
}

/** Gives an appliance a new ed25519 host key. */
export async function writeHostKey(rootPath: string, host: string): Promise<string> {
	const path = join(rootPath, "etc/ssh/ssh_host_ed25519_key")
	await run("rm", ["-f", path, `${path}.pub`])
	await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "appliance", "-f", path])
	const [type, key] = (await readFile(`${path}.pub`, "utf8")).split(" ")
	await run("sync", ["-f", path])
	return `${host} ${type} ${key}`
}
