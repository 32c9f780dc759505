import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { run } from "./command.ts"

export type KeyType = "ed25519" | "rsa" | "ecdsa"
export type Keys = Partial<Record<KeyType, string>>

/** Makes a key pair of each type; returns the paths of the private ones. */
export async function makeKeys(folder: string, prefix: string, types: KeyType[]): Promise<Keys> {
	const make = async (type: KeyType) => {
		const path = join(folder, `${prefix}_${type}`)
		await run("ssh-keygen", ["-q", "-t", type, "-N", "", "-C", prefix, "-f", path])
		return [type, path] as const
	}
	return Object.fromEntries(await Promise.all(types.map(make)))
}

const readPublicKeys = (keys: Keys) => Promise.all(Object.values(keys).map((path) => readFile(`${path}.pub`, "utf8")))

/** Writes authorized_keys, known_hosts and sshd_config; returns the known_hosts lines. */
export async function writeFiles(
	folder: string,
	port: number,
	hostKeys: Keys,
	clientKeys: Keys,
	config: string[],
): Promise<string[]> {
	const authorizedKeys = join(folder, "authorized_keys")
	await writeFile(authorizedKeys, (await readPublicKeys(clientKeys)).join(""), { mode: 0o600 })
	const known = (await readPublicKeys(hostKeys)).map(
		(key) => `[127.0.0.1]:${port} ${key.split(" ").slice(0, 2).join(" ")}`,
	)
	await writeFile(join(folder, "known_hosts"), `${known.join("\n")}\n`)
	const lines = [
		...config, // first, because sshd takes the first value of an option
		`Port ${port}`,
		"ListenAddress 127.0.0.1",
		...Object.values(hostKeys).map((path) => `HostKey ${path}`),
		`AuthorizedKeysFile ${authorizedKeys}`,
		"PidFile none",
		"StrictModes no",
		"UsePAM no",
		"PasswordAuthentication no",
		"KbdInteractiveAuthentication no",
		"PermitRootLogin prohibit-password",
		"Subsystem sftp internal-sftp",
	]
	await writeFile(join(folder, "sshd_config"), `${lines.join("\n")}\n`)
	return known
}
