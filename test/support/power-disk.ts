import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { basename } from "node:path"
import { poll } from "./appliances/command.ts"
import { findTool } from "./appliances/requirements.ts"
import { whyNoMounts } from "./mounts.ts"

/** A real file system that loses in a power cut what was not synced. */
export interface PowerDisk {
	/** From now on, within about a millisecond, nothing gets to the disk any more. */
	cut(): Promise<void>
	/** The same disk at the next boot; whoever still uses it from before must be gone. */
	boot(): Promise<void>
	/** As it is now, for `reset`; everything synced. */
	save(): Promise<void>
	reset(): Promise<void>
	end(): Promise<void>
}

/** Waits for a byte, shuts the file system down without flushing its journal (EXT4_IOC_SHUTDOWN, NOLOGFLUSH), says so. */
const cutScript = `
	open F, "<", $ARGV[0] or die $!; my $how = pack("L", 2); $| = 1; print "ready";
	sysread(STDIN, my $byte, 1) or exit; ioctl(F, 0x8004587d, $how) or die $!; print "cut"`

/** An ext4 in a file beside `path`, mounted there. */
export async function createPowerDisk(path: string, megabytes: number): Promise<PowerDisk> {
	const image = `${path}.img`
	const saved = `${path}.saved.img`
	let cutter: ChildProcess | undefined
	mkdirSync(path, { recursive: true })
	writeFileSync(image, "")
	truncateSync(image, megabytes << 20)
	execFileSync("mkfs.ext4", ["-q", "-F", "-m", "0", image], { stdio: "pipe" })

	async function mount() {
		execFileSync("mount", ["-o", "loop", image, path], { stdio: "pipe" })
		cutter = spawn("perl", ["-e", cutScript, path], { stdio: ["pipe", "pipe", "inherit"] })
		cutter.stdin?.on("error", () => {})
		if (cutter.stdout) await once(cutter.stdout, "data")
	}
	async function unmount() {
		const device = deviceAt(path)
		if (device === undefined) return
		if (cutter && cutter.exitCode === null) {
			cutter.stdin?.end()
			await once(cutter, "exit")
		}
		execFileSync("umount", [path], { stdio: "pipe" })
		// Mounted again too early, the old file system would still be there.
		await poll("the disk lets go", 60, () => (existsSync(`/sys/fs/ext4/${basename(device)}`) ? undefined : true))
	}
	await mount()
	return {
		async cut() {
			const ended = cutter && once(cutter, "exit")
			cutter?.stdin?.write("x")
			const [exit] = (await ended) ?? []
			if (exit !== 0) throw new Error("cannot cut the power of a disk: perl could not shut it down")
		},
		async boot() {
			await unmount()
			await mount()
		},
		async save() {
			await unmount()
			copyFileSync(image, saved)
			await mount()
		},
		async reset() {
			await unmount()
			copyFileSync(saved, image)
			await mount()
		},
		async end() {
			await unmount()
			rmSync(image, { force: true })
			rmSync(saved, { force: true })
		},
	}
}

function deviceAt(path: string): string | undefined {
	const lines = readFileSync("/proc/mounts", "utf8").split("\n")
	return lines.map((line) => line.split(" ")).find(([, mounted]) => mounted === path)?.[0]
}

/** Why no power can be cut here; undefined when it can. */
export function whyNoPowerCuts(): string | undefined {
	return findTool("perl") ? whyNoMounts() : "needs perl, for one system call"
}
