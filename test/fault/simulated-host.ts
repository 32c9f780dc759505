import { createHash } from "node:crypto"
import { noBootRecovery } from "../../core/engine/boot-recovery.ts"
import type { Attributes, Host } from "../../core/engine/host.ts"
import { trustsEverything } from "../../core/engine/trust.ts"
import type { Inodes } from "./disk/inode.ts"
import { createSimulatedDisk, type SimulatedDisk, type Sync } from "./disk/simulated-disk.ts"

/** A command of a closure: what it does to the appliance, and its exit. */
export type Command = (disk: SimulatedDisk) => Promise<number>

export interface SimulatedHostOptions {
	/** Milliseconds since 1970; stands still but for sleeping, so that what a process does looks like one moment. */
	now: number
	/** Every other command passes and does nothing. */
	commands?: Record<string, Command>
	beforeChange?(): void
	ignores?(sync: Sync): boolean
	/** Whether its file system lets files share blocks. */
	clones?: boolean
}

export interface SimulatedHost extends Host {
	disk: SimulatedDisk
}

/** No process has it: whoever looks finds the holder of its lock dead. */
const PID = 2 ** 22 + 1

/** One process on an appliance in memory: the same calls always give the same results. */
export function createSimulatedHost(inodes: Inodes, options: SimulatedHostOptions): SimulatedHost {
	let { now } = options
	const { commands = {}, beforeChange, ignores, clones = false } = options
	const disk = createSimulatedDisk(inodes, {
		now: () => BigInt(now) * 1_000_000n,
		pid: PID,
		clones,
		...(beforeChange ? { beforeChange } : {}),
		...(ignores ? { ignores } : {}),
	})
	return {
		disk,
		readNames: async (folder, limit) =>
			((await disk.readFolder(folder)) ?? []).slice(0, limit).map((name) => Buffer.from(name)),
		attributes: createAttributes(disk),
		shell: {
			open: async () => ({
				run: async (command) => ({ endedShell: false, exit: (await commands[command]?.(disk)) ?? 0 }),
				end: async () => 0,
				close: async () => {},
			}),
			endMarked: async () => 0,
		},
		clock: {
			now: () => now,
			monotonic: () => now,
			sleep: async (ms) => {
				now += Math.max(1, Math.ceil(ms))
			},
			// A command's time limit and a heartbeat: in no time nothing runs out.
			after: () => () => {},
			every: () => () => {},
		},
		self: {
			pid: PID,
			startTime: "1",
			bootId: undefined,
			uid: 0,
			gid: 0,
			groups: [],
			variable: () => undefined,
			isAlive: async () => false,
		},
		bootRecovery: noBootRecovery,
		trust: trustsEverything,
		run: async () => ({ exit: undefined, stdout: "", stderr: "" }),
		createHash: () => {
			const hash = createHash("sha256")
			return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest("hex") }
		},
		isEqual: (one, other) => Buffer.compare(one, other) === 0,
		userId: async () => undefined,
		groupId: async () => undefined,
	}
}

/** One word a file stands for all its extended attributes and ACLs. */
function createAttributes(disk: SimulatedDisk): Attributes {
	const copy = async (from: string, to: string, what: "all" | "attributes") => {
		const source = await disk.lstat(from)
		const attributes = disk.attributesOf(from)
		if (source && what === "all") {
			disk.setOwner(to, source.uid, source.gid)
			disk.setMode(to, source.mode)
			await disk.setTimes([{ path: to, atimeNs: source.atimeNs, mtimeNs: source.mtimeNs }])
		}
		disk.setAttributes(to, attributes)
	}
	return {
		missing: async () => undefined,
		find: async (paths, scratch) => {
			await disk.makeFolder(scratch, 0o700)
			const found = paths.flatMap((path) => {
				const attributes = disk.attributesOf(path)
				return attributes === undefined ? [] : [[path, attributes] as const]
			})
			await disk.removeTree(scratch)
			return new Map(found)
		},
		take: async (from, to) => {
			if (!(await disk.lstat(to))) await (await disk.open(to, "create", 0o600)).close()
			await copy(from, to, "all")
		},
		give: async (from, to) => {
			const source = await disk.lstat(from)
			if (source) disk.setMode(to, source.mode)
			await copy(from, to, "attributes")
		},
	}
}
