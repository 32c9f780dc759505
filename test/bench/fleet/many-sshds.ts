import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { readFile, rm } from "node:fs/promises"
import { join } from "node:path"
import { createServices } from "../../../core/fleet/services.ts"
import { projectFolder } from "../../support/appliances/paths.ts"
import { canRunSshd, PlainSshd } from "../../support/appliances/plain-sshd.ts"
import type { Sample } from "../bench.ts"
import { plainProof, pools, writeModule } from "./module.ts"

/** Appliances that are worked on at the same time, by ours and by the others. */
export const AT_ONCE = 20

/** Many real OpenSSH servers on this machine, each with files and a state folder of its own, and a desktop. */
export interface ManySshds {
	servers: PlainSshd[]
	identity: string
	knownHosts: string
	/** The module's folder. */
	module: string
	/** Another version of the module, all its bytes new. */
	renew(): Promise<void>
	/** A rollout to all of them in one wave, until the last has ended. */
	rollOut(): Promise<Sample>
	end(): Promise<void>
}

export function canRunMany(): { ok: true } | { ok: false; why: string } {
	if (process.getuid?.() !== 0) return { ok: false, why: "only root can give each server its own files" }
	return canRunSshd()
}

export async function startMany(folder: string, count: number): Promise<ManySshds> {
	const servers: PlainSshd[] = []
	const end = async () => {
		for (const server of servers) await server.destroy()
	}
	try {
		for (let index = 0; index < count; index++)
			servers.push(await PlainSshd.start({ own: ["/srv", "/var/lib", "/var/log"] }))
		const identity = servers[0]?.identities.ed25519 ?? ""
		const knownHosts = join(folder, "known_hosts")
		arrange(servers, identity, knownHosts)
		const module = join(folder, "bench-fix")
		const dataFolder = join(folder, "data")
		await rm(dataFolder, { recursive: true, force: true })
		const services = await createServices({
			...{ dataFolder, host: "cli", version: "0.0.0", knownHosts, asks: false },
			runnerBundle: join(projectFolder, "dist/runner/hotfix-runner.cjs"),
		})
		const ids = servers.map(({ host, port, user }) => {
			const signIn = { method: "key" as const, path: identity }
			return services.appliances.save({
				...{ name: `port-${port}`, host, port, user, signIn, become: "none", tags: [], notes: "" },
			}).id
		})
		let version = 0
		return {
			...{ servers, identity, knownHosts, module },
			renew: () => writeModule(module, ++version, plainProof),
			async rollOut() {
				const startedAt = performance.now()
				const policy = {
					...{ waves: [], gate: { kind: "none" as const }, atOnce: AT_ONCE, perJump: AT_ONCE },
					budget: { wave: { count: 1 }, whole: { count: 1 } },
					unreachable: { budget: { count: 1 }, retrySeconds: 60, expireSeconds: 600 },
				}
				const request = { folder: module, applianceIds: ids, force: false, allowDowngrade: false, policy }
				const { id } = await services.rollouts.start(request)
				for await (const { status } of services.rollouts.follow(id)) if (status.state !== "running") break
				const milliseconds = performance.now() - startedAt
				await checkAll(servers, module)
				return { milliseconds }
			},
			async end() {
				await services.close()
				await end()
			},
		}
	} catch (error) {
		await end()
		throw error
	}
}

/** One key opens all of them; each has the files as they were before. */
function arrange(servers: PlainSshd[], identity: string, knownHosts: string): void {
	const key = readFileSync(`${identity}.pub`, "utf8")
	writeFileSync(knownHosts, `${servers.flatMap(({ hostKeyLines }) => hostKeyLines).join("\n")}\n`)
	for (const server of servers) {
		writeFileSync(join(server.folder, "authorized_keys"), key, { mode: 0o600 })
		for (const { id, files } of pools) {
			const place = join(server.ownFolder("/srv"), "bench", id)
			rmSync(place, { recursive: true, force: true })
			mkdirSync(place, { recursive: true })
			for (const name of files) writeFileSync(join(place, name), "begin\n")
		}
	}
}

/** A time of a rollout that did not reach everybody is none. */
export async function checkAll(servers: PlainSshd[], module: string): Promise<void> {
	const [pool] = pools
	const name = pool?.files[0] ?? ""
	const ours = await readFile(join(module, "src", name), "utf8")
	for (const server of servers) {
		const place = join(server.ownFolder("/srv"), "bench", pool?.id ?? "", name)
		if ((await readFile(place, "utf8")) !== ours) throw new Error(`cannot trust the time: ${server.port} was left out`)
	}
}
