import { run } from "../support/appliances/command.ts"

/** Brings a Debian package where this may be done, or says why not. */
export async function installPackage(name: string): Promise<{ ok: true } | { ok: false; why: string }> {
	const line = `apt-get install -y --no-install-recommends ${name}`
	if (process.getuid?.() !== 0) return { ok: false, why: `${name} not found: ${line}` }
	try {
		await run("sh", ["-c", `apt-get update && DEBIAN_FRONTEND=noninteractive ${line}`])
		return { ok: true }
	} catch (error) {
		return { ok: false, why: `${name} cannot be installed: ${(error as Error).message}` }
	}
}
