import { run } from "./command.ts"

/** One appliance's place in the lab's network: a network namespace with a cable to the lab's bridge. */
export type Cable = { netns: string; link: string; host: string }

export const makeBridgeName = (lab: number) => `hfb${lab}`

export function makeCable(lab: number, index: number): Cable {
	return {
		netns: `hf${lab}-${index}`,
		link: `hfv${lab}-${index}`,
		host: `10.${lab}.${1 + (index >> 8)}.${index & 255}`,
	}
}

export async function createBridge(lab: number) {
	const name = makeBridgeName(lab)
	await run("ip", ["link", "add", name, "type", "bridge"])
	await run("ip", ["addr", "add", `10.${lab}.0.1/16`, "dev", name])
	await run("ip", ["link", "set", name, "up"])
}

/** The address of the network card follows the index, so that neighbours need not learn a new one after a power cut. */
export async function connectCable(cable: Cable, lab: number, index: number) {
	const { netns, link, host } = cable
	const card = `02:48:46:${[lab, index >> 8, index & 255].map((byte) => byte.toString(16).padStart(2, "0")).join(":")}`
	await run("ip", ["netns", "add", netns])
	await run("ip", ["link", "add", link, "type", "veth", "peer", "name", "eth0", "address", card, "netns", netns])
	await run("ip", ["link", "set", link, "master", makeBridgeName(lab), "up"])
	await run("ip", ["-n", netns, "addr", "add", `${host}/16`, "dev", "eth0"])
	await run("ip", ["-n", netns, "link", "set", "lo", "up"])
	await run("ip", ["-n", netns, "link", "set", "eth0", "up"])
}

/** Nothing comes out any more, not even the goodbye of closing connections. */
export const setLink = (cable: Cable, state: "up" | "down") => run("ip", ["link", "set", cable.link, state])

export async function removeCable({ netns, link }: Cable) {
	// With its namespace alone it would go at some later moment, and be in the way of the next one of its name.
	await run("ip", ["link", "del", link])
	await run("ip", ["netns", "del", netns])
}

/** Resets every established connection of the appliance on a local port; listening sockets stay. */
export const resetConnections = (cable: Cable, port: number) =>
	run("ip", ["netns", "exec", cable.netns, "ss", "-t", "-K", "state", "connected", `sport = :${port}`])

/** Everything that arrives is lost without an answer, as behind a firewall that drops. */
export async function dropPackets(cable: Cable) {
	const rules = [
		"add table inet lab_fault",
		"add chain inet lab_fault input { type filter hook input priority -300; policy drop; }",
	]
	await run("ip", ["netns", "exec", cable.netns, "nft", rules.join("; ")])
}

export const passPackets = (cable: Cable) =>
	run("ip", ["netns", "exec", cable.netns, "nft", "delete table inet lab_fault"])
