import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** Mounts of one test, by the paths they were made at. */
export interface Mounts {
	/** A file system in memory: of so many bytes, and of so many files where that is given. */
	memory(path: string, size: string, files?: number): void
	/** The oldest kind of file system in memory, which knows no extended attributes. */
	plainMemory(path: string): void
	/** A file system of its own in a file, of so many megabytes. */
	ext4(path: string, megabytes: number): void
	/** A file or folder a second time. */
	bind(from: string, to: string): void
	readOnly(path: string): void
	writable(path: string): void
	/** Takes all of them away, the newest first. */
	end(): void
}

export function createMounts(): Mounts {
	const mounted: string[] = []
	const images: string[] = []
	const mount = (path: string, ...args: string[]) => {
		execFileSync("mount", [...args, path], { stdio: "pipe" })
		mounted.unshift(path)
	}
	return {
		memory(path, size, files) {
			mkdirSync(path, { recursive: true })
			mount(path, "-t", "tmpfs", "-o", `size=${size}${files ? `,nr_inodes=${files}` : ""}`, "tmpfs")
		},
		plainMemory(path) {
			mkdirSync(path, { recursive: true })
			mount(path, "-t", "ramfs", "ramfs")
		},
		ext4(path, megabytes) {
			mkdirSync(path, { recursive: true })
			const image = `${path}.img`
			writeFileSync(image, "")
			truncateSync(image, megabytes << 20)
			execFileSync("mkfs.ext4", ["-q", "-F", "-m", "0", image], { stdio: "pipe" })
			images.push(image)
			mount(path, "-o", "loop", image)
		},
		bind: (from, to) => mount(to, "--bind", from),
		readOnly: (path) => void execFileSync("mount", ["-o", "remount,ro", path], { stdio: "pipe" }),
		writable: (path) => void execFileSync("mount", ["-o", "remount,rw", path], { stdio: "pipe" }),
		end() {
			for (const path of mounted.splice(0)) unmount(path)
			for (const image of images.splice(0)) rmSync(image)
		},
	}
}

/** A command that was just ended may still hold it for a moment. */
function unmount(path: string): void {
	for (let turn = 0; ; turn++) {
		try {
			execFileSync("umount", [path], { stdio: "pipe" })
			return
		} catch (error) {
			if (turn === 40) throw error
			execFileSync("sleep", ["0.05"])
		}
	}
}

/** Why file systems cannot be mounted here; undefined when they can. */
export function whyNoMounts(): string | undefined {
	if (process.geteuid?.() !== 0) return "needs root"
	const mounts = createMounts()
	const folder = mkdtempSync(join(tmpdir(), "hotfix-mount-"))
	try {
		mounts.memory(join(folder, "memory"), "64k")
		mounts.end()
		mounts.ext4(join(folder, "image"), 4)
		return undefined
	} catch (error) {
		return `mount does not work here: ${error instanceof Error ? error.message.split("\n")[0] : error}`
	} finally {
		mounts.end()
		rmSync(folder, { recursive: true, force: true })
	}
}
