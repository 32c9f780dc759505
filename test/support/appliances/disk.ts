import { existsSync } from "node:fs"
import { mkdir } from "node:fs/promises"
import { basename, join } from "node:path"
import { poll, run } from "./command.ts"

/** `folder` loses nothing in a power cut; `image` is a disk of its own that loses what was not synced, and can be full. */
export type DiskOptions = "folder" | { imageMegabytes: number }

/** What an appliance writes, over the layers that it shares with others. */
export type Disk = { rootPath: string; mount(): Promise<void>; cutPower(): Promise<void> }

const shutdownWithoutFlush = `open F, "<", $ARGV[0] or die $!; my $how = pack("L", 2); ioctl(F, 0x8004587d, $how) or die $!`

/** Makes the disk of an appliance below `folder` and mounts it. */
export async function createDisk(folder: string, layers: string[], options: DiskOptions): Promise<Disk> {
	const store = join(folder, "disk")
	const image = `${store}.img`
	const rootPath = join(folder, "root")
	const isImage = options !== "folder"
	await mkdir(store)
	await mkdir(rootPath)
	if (isImage) {
		await run("truncate", ["-s", `${options.imageMegabytes}M`, image])
		await run("mkfs.ext4", ["-q", "-F", "-m", "0", image])
	}

	const mount = async () => {
		if (isImage) await run("mount", ["-o", "loop", image, store])
		await run("mkdir", ["-p", join(store, "upper"), join(store, "work")])
		const dirs = `lowerdir=${layers.join(":")},upperdir=${join(store, "upper")},workdir=${join(store, "work")}`
		await run("mount", ["-t", "overlay", "overlay", "-o", dirs, rootPath])
	}

	const cutPower = async () => {
		if (!isImage) return
		const device = (await run("findmnt", ["-n", "-o", "SOURCE", store])).trim()
		await run("perl", ["-e", shutdownWithoutFlush, store])
		await run("umount", [rootPath])
		await run("umount", [store])
		// Mounted again too early, the old file system would still be there
		await poll("the disk lets go", 60, () => (existsSync(`/sys/fs/ext4/${basename(device)}`) ? undefined : true))
		await mount()
	}

	await mount()
	return { rootPath, mount, cutPower }
}
