import { execFileSync } from "node:child_process"
import { accessSync, constants, existsSync, readFileSync } from "node:fs"
import { delimiter, join } from "node:path"

/** The programs that real systemd appliances need on the testing machine, and the Debian package of each. */
const tools: Record<string, string> = {
	"systemd-nspawn": "systemd-container",
	mmdebstrap: "mmdebstrap",
	sshd: "openssh-server",
	ssh: "openssh-client",
	"ssh-keygen": "openssh-client",
	ip: "iproute2",
	ss: "iproute2",
	nft: "nftables",
	"mkfs.ext4": "e2fsprogs",
	flock: "util-linux",
	perl: "perl",
	zstd: "zstd",
	npm: "npm",
}

const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin", "/usr/bin", "/bin"]

/** The path of a program, also from the folders that only root has in its PATH. */
export function findTool(name: string): string | undefined {
	return folders.map((folder) => join(folder, name)).find(isExecutable)
}

function isExecutable(path: string): boolean {
	try {
		accessSync(path, constants.X_OK)
		return existsSync(path)
	} catch {
		return false
	}
}

/** Where the cgroup2 hierarchy is mounted, on hybrid machines too. */
export function findCgroupRoot(): string | undefined {
	const mounts = readFileSync("/proc/mounts", "utf8").split("\n")
	const line = mounts.find((one) => one.split(" ")[2] === "cgroup2")
	return line?.split(" ")[1]
}

/** Whether this machine can boot real systemd appliances, and if not what is missing and how to get it. */
export function canBootSystemd(): { ok: true } | { ok: false; why: string } {
	const why = process.platform === "linux" ? findObstacle() : "systemd appliances need Linux"
	return why ? { ok: false, why } : { ok: true }
}

function findObstacle(): string | undefined {
	if (process.getuid?.() !== 0) return "systemd appliances need root: run the tests as root"
	const missing = Object.keys(tools).filter((tool) => !findTool(tool))
	const packages = [...new Set(missing.map((tool) => tools[tool]))].join(" ")
	if (missing.length > 0) return `${missing.join(", ")} not found: apt-get install --no-install-recommends ${packages}`
	const cgroup = findCgroupRoot()
	if (!cgroup) return "no cgroup2 hierarchy is mounted: mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified"
	return findMissingRight()
}

function findMissingRight(): string | undefined {
	try {
		execFileSync("unshare", ["--mount", "--net", "sh", "-c", "mount -t tmpfs tmpfs /mnt"], { stdio: "pipe" })
	} catch {
		return "this root may not mount or make network namespaces: run in a privileged container or on a machine of its own"
	}
	if (/\boverlay\b/.test(readFileSync("/proc/filesystems", "utf8"))) return undefined
	try {
		execFileSync("modprobe", ["overlay"], { stdio: "pipe" })
	} catch {
		return "this kernel has no overlay file system: modprobe overlay"
	}
}
