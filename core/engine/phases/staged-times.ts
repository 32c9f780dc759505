import type { Host } from "../host.ts"
import { type Placement, timesOf } from "./place-file.ts"

/** Gives staged files the times they shall keep, all at once. */
export async function setStagedTimes(host: Host, files: Placement[]): Promise<void> {
	const times = files.filter((file) => file.times && !file.inPlace).map((file) => timesOf(file, file.temp))
	if (times.length > 0) await host.disk.setTimes(times)
}
