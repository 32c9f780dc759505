import { mkdir } from "node:fs/promises"
import { createConnection } from "node:net"
import { join } from "node:path"
import { type CommandResult, poll } from "./command.ts"
import { createDisk, type Disk, type DiskOptions } from "./disk.ts"
import { writeHostKey, writeIdentity } from "./layers.ts"
import { Machine } from "./machine.ts"
import * as network from "./network.ts"
import { createSlowLink, type LinkQuality, type SlowLink } from "./slow-link.ts"

export type BootOptions = {
	/** Whether the web application of test/fixtures/homeserver is there and running; true unless said. */
	homeserver?: boolean
	/** `folder` unless said; `{ imageMegabytes }` for hard power cuts and full disks. */
	disk?: DiskOptions
	/** Changes to the appliance's files before it boots for the first time. */
	arrange?: (rootPath: string) => Promise<void>
	timeoutSeconds?: number
}

/** What the lab decides for an appliance. */
export type Place = {
	lab: number
	index: number
	folder: string
	cgroup: string
	layers: string[]
	identity: string
	forget(): void
}

const port = 22
const bootSeconds = 60

/** One booted test appliance: a Debian with systemd, sshd and its own network card and disk. */
export class Appliance {
	readonly name: string
	readonly host: string
	readonly port = port
	/** The whole file system as its processes see it, to look at and to change from outside. */
	readonly rootPath: string
	/** For a known_hosts file. */
	hostKeyLine: string
	/** How the last boot ended: `degraded` when a unit failed. */
	bootState: "running" | "degraded" | "off" = "off"
	readonly #place: Place
	readonly #cable: network.Cable
	readonly #disk: Disk
	readonly #machine: Machine
	readonly #seconds: number

	private constructor(name: string, place: Place, disk: Disk, hostKeyLine: string, seconds: number) {
		this.name = name
		this.rootPath = disk.rootPath
		this.hostKeyLine = hostKeyLine
		this.#place = place
		this.#cable = network.makeCable(place.lab, place.index)
		this.host = this.#cable.host
		this.#disk = disk
		this.#seconds = seconds
		this.#machine = new Machine(name, { ...place, rootPath: disk.rootPath, netns: this.#cable.netns })
	}

	/** Makes an appliance and boots it; use `lab.boot`. */
	static async create(name: string, place: Place, options: BootOptions): Promise<Appliance> {
		await mkdir(place.folder, { recursive: true })
		const disk = await createDisk(place.folder, place.layers, options.disk ?? "folder")
		const { host } = network.makeCable(place.lab, place.index)
		const hostKeyLine = await writeIdentity(disk.rootPath, name, host)
		await options.arrange?.(disk.rootPath)
		const appliance = new Appliance(name, place, disk, hostKeyLine, options.timeoutSeconds ?? bootSeconds)
		await appliance.powerOn()
		return appliance
	}

	/** Runs a shell command inside as root, past the network; for arranging and looking, not for what a test is about. */
	exec(command: string, options: { timeoutSeconds?: number; input?: string } = {}): Promise<CommandResult> {
		return this.#machine.exec(command, options.timeoutSeconds ?? 60, options.input)
	}

	/** The same, but throws when the command fails; returns what it printed. */
	async execOk(command: string, options: { timeoutSeconds?: number; input?: string } = {}): Promise<string> {
		const { status, signal, stdout, stderr } = await this.exec(command, options)
		if (status !== 0)
			throw new Error(`cannot run on ${this.name}: ${command}: ${status ?? signal}: ${stderr || stdout}`)
		return stdout
	}

	/** Arguments for the system's ssh client to sign in with the lab's key; a command may follow. */
	sshArgs(user: "root" | "support" | "owner"): string[] {
		const knownHosts = join(this.#place.folder, "../known_hosts")
		const options = [`UserKnownHostsFile=${knownHosts}`, "IdentitiesOnly=yes", "ConnectTimeout=10", "LogLevel=ERROR"]
		const batch = user === "owner" ? [] : ["-o", "BatchMode=yes"]
		return [
			"-F",
			"none",
			"-i",
			this.#place.identity,
			...options.flatMap((one) => ["-o", one]),
			...batch,
			`${user}@${this.host}`,
		]
	}

	/** Ends everything at once, without a goodbye on the network; an image disk loses what was not synced. */
	async powerCut() {
		await network.setLink(this.#cable, "down")
		await this.#machine.cutPower()
		await network.removeCable(this.#cable)
		await this.#disk.cutPower()
		this.bootState = "off"
	}

	async powerOn() {
		await network.connectCable(this.#cable, this.#place.lab, this.#place.index)
		this.#machine.powerOn()
		await this.waitBooted()
	}

	/** `systemctl reboot`, and waits until it is back. */
	async reboot() {
		const bootId = (await this.execOk("cat /proc/sys/kernel/random/boot_id")).trim()
		await this.exec("systemctl reboot")
		await this.waitBooted(bootId)
	}

	/** Waits until boot is over and sshd answers; give the old boot id to wait for the boot after it. */
	async waitBooted(oldBootId?: string) {
		this.bootState = await this.#machine.waitBooted(this.#seconds, oldBootId)
		await poll(`sshd of ${this.name} answers`, this.#seconds, () => canConnect(this.host))
	}

	linkDown = () => network.setLink(this.#cable, "down")
	linkUp = () => network.setLink(this.#cable, "up")
	/** Resets the established SSH connections, of both sides. */
	cutConnections = () => network.resetConnections(this.#cable, port)
	/** From now on all packets to the appliance vanish, until passPackets. */
	dropPackets = () => network.dropPackets(this.#cable)
	passPackets = () => network.passPackets(this.#cable)
	/** From now on the way to it is a long one, until the link is removed; a power cut plugs the short one in again. */
	slowDown = (quality: LinkQuality): Promise<SlowLink> => createSlowLink(this.#cable, this.#place.lab, quality)
	/** Stops every process without ending it, as a machine that hangs; until thaw. */
	freeze = () => this.#machine.freeze(true)
	thaw = () => this.#machine.freeze(false)
	/** No new connections; running sessions go on, as sshd does it. */
	stopSshd = () => this.execOk("systemctl stop ssh")
	startSshd = () => this.execOk("systemctl start ssh")

	/** A new host key, as after a reinstallation. The lab's known_hosts keeps the old one. */
	async replaceHostKey(): Promise<string> {
		this.hostKeyLine = await writeHostKey(this.rootPath, this.host)
		await this.execOk("systemctl restart ssh")
		return this.hostKeyLine
	}

	/** Ends this appliance; its files go with the lab. */
	async destroy() {
		if (this.bootState !== "off") {
			await network.setLink(this.#cable, "down")
			await this.#machine.cutPower()
			await network.removeCable(this.#cable)
		}
		this.bootState = "off"
		this.#place.forget()
	}
}

function canConnect(host: string): Promise<true | undefined> {
	return new Promise((resolve) => {
		const socket = createConnection({ host, port, timeout: 1000 })
		const end = (answer: true | undefined) => {
			socket.destroy()
			resolve(answer)
		}
		socket
			.once("data", () => end(true))
			.once("error", () => end(undefined))
			.once("timeout", () => end(undefined))
	})
}
