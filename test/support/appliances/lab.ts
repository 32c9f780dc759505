import { existsSync, readFileSync, statfsSync, writeFileSync } from "node:fs"
import { appendFile, mkdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { Appliance, type BootOptions } from "./appliance.ts"
import { claimLab } from "./claim.ts"
import { run } from "./command.ts"
import { createHomeserverLayer, createKeyLayer } from "./layers.ts"
import { createBridge } from "./network.ts"
import { prepareRootfs } from "./rootfs.ts"

/** A network of appliances of one test process. */
export type Lab = {
	name: string
	/** A private folder of the lab, removed with it. */
	folder: string
	/** The private key that root and support accept; the public one is beside it as .pub. */
	identity: string
	/** A known_hosts file with every appliance that the lab booted. */
	knownHosts: string
	appliances: Appliance[]
	/** Boots an appliance; several at once are welcome. */
	boot(name: string, options?: BootOptions): Promise<Appliance>
	/** Removes processes, namespaces, mounts and files. Happens by itself when the process ends. */
	destroy(): Promise<void>
}

const overlayFileSystem = 0x794c7630
const wantedInotifyInstances = 8192

/** Creates a lab with a subnet of its own; labs of other processes are no trouble. Cleans up after dead ones. */
export async function createLab({ name }: { name: string }): Promise<Lab> {
	const rootfs = await prepareRootfs()
	const { number, folder, cgroup, release } = await claimLab()
	try {
		if (statfsSync(folder).type === overlayFileSystem)
			await run("mount", ["-t", "tmpfs", "-o", "mode=711", "tmpfs", folder])
		allowManyInits()
		await mkdir(cgroup)
		await createBridge(number)
		const identity = join(folder, "id_ed25519")
		await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", identity])
		const keys = await createKeyLayer(join(folder, "layers/keys"), await readFile(`${identity}.pub`, "utf8"))
		const homeserver = await createHomeserverLayer(join(folder, "layers/homeserver"))
		const knownHosts = join(folder, "known_hosts")
		const appliances: Appliance[] = []
		let count = 0

		const boot = async (name: string, options: BootOptions = {}) => {
			if (!/^[a-z][a-z0-9-]{0,62}$/.test(name)) throw new Error(`cannot boot "${name}": the name must be a host name`)
			const index = ++count
			const place = {
				lab: number,
				index,
				folder: join(folder, name),
				cgroup: join(cgroup, String(index)),
				layers: [...(options.homeserver === false ? [] : [homeserver]), keys, rootfs],
				identity,
				forget: () => void appliances.splice(appliances.indexOf(appliance), 1),
			}
			if (existsSync(place.folder)) throw new Error(`cannot boot "${name}": the lab had one of that name`)
			const appliance = await Appliance.create(name, place, options)
			await appendFile(knownHosts, `${appliance.hostKeyLine}\n`)
			appliances.push(appliance)
			return appliance
		}
		return { name, folder, identity, knownHosts, appliances, boot, destroy: release }
	} catch (error) {
		await release()
		throw error
	}
}

/** From 17 appliances on Linux' usual limit leaves them degraded. Raised for the whole machine, never lowered. */
function allowManyInits() {
	const path = "/proc/sys/fs/inotify/max_user_instances"
	if (Number(readFileSync(path, "utf8")) < wantedInotifyInstances) writeFileSync(path, String(wantedInotifyInstances))
}
