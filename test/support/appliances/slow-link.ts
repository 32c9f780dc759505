import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { run } from "./command.ts"
import { type Cable, makeBridgeName } from "./network.ts"

/** What a cable does to each packet, in each direction: a ping takes twice the delay. */
export type LinkQuality = { delayMs: number; lossPercent: number }

/** A relay of packets in the middle of an appliance's cable (this kernel may have no netem). */
export type SlowLink = {
	/** Changes it for packets that come from now on; those under way still arrive. */
	set(quality: LinkQuality): Promise<void>
	/** Plugs the cable in again as it was. */
	remove(): Promise<void>
}

const program = join(import.meta.dirname, "slow-link.pl")

/** `cable` hangs on its lab's bridge; afterwards there are another bridge, the relay and its two cards between. */
export async function createSlowLink(cable: Cable, lab: number, quality: LinkQuality): Promise<SlowLink> {
	// By these names the lab's reaper finds what is left; the cards go with the relay.
	const [bridge, near, far] = ["b", "n", "f"].map((part) => `${cable.link}${part}`) as [string, string, string]
	const relay = spawn("perl", [program, near, far], { stdio: ["pipe", "pipe", "inherit"] })
	await once(relay, "spawn")
	const set = createOrders(relay)
	await set(quality)
	await run("ip", ["link", "add", bridge, "type", "bridge"])
	const plug = (card: string, into: string) => run("ip", ["link", "set", card, "master", into, "up"])
	await plug(near, makeBridgeName(lab))
	await plug(far, bridge)
	await run("ip", ["link", "set", bridge, "up"])
	await plug(cable.link, bridge)
	return {
		set,
		async remove() {
			await plug(cable.link, makeBridgeName(lab))
			const ended = once(relay, "exit")
			relay.stdin?.end()
			await ended
			await run("ip", ["link", "del", bridge])
		},
	}
}

/** One order after the other, each until it is answered; a relay that has ended says so. */
function createOrders(relay: ChildProcess) {
	if (!relay.stdin || !relay.stdout) throw new Error("cannot reach the relay: it has no pipes")
	const { stdin } = relay
	const answers = createInterface(relay.stdout)[Symbol.asyncIterator]()
	return async ({ delayMs, lossPercent }: LinkQuality) => {
		stdin.write(`${delayMs} ${lossPercent}\n`)
		if ((await answers.next()).done) throw new Error(`cannot slow the link down: the relay ended`)
	}
}
