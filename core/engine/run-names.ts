import type { Host } from "./host.ts"
import { type Layout, runIdPattern } from "./layout.ts"

/** Every run that has a folder of its own here, in no order; other names in that folder are not ours. */
export async function readRunNames(host: Host, layout: Layout): Promise<string[]> {
	return ((await host.disk.readFolder(layout.runs)) ?? []).filter((name) => runIdPattern.test(name))
}
