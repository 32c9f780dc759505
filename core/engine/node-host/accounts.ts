import { readFile } from "node:fs/promises"
import { runTool } from "./run-tool.ts"

/** Id of a user by name or number; asks the name service where there is `getent`. */
export const userId = (name: string): Promise<number | undefined> => idOf("passwd", name)
export const groupId = (name: string): Promise<number | undefined> => idOf("group", name)

/** To the kernel it means "leave the owner as it is", and what is above it is no id at all. */
const NO_ID = 2 ** 32 - 1

async function idOf(database: "passwd" | "group", name: string): Promise<number | undefined> {
	if (/^\d+$/.test(name)) return Number(name) < NO_ID ? Number(name) : undefined
	const asked = await runTool("getent", [database, "--", name])
	const text = asked.exit === undefined ? await readFile(`/etc/${database}`, "utf8").catch(() => "") : asked.stdout
	for (const line of text.toString().split("\n")) {
		const [found, , id] = line.split(":")
		if (found === name && id !== undefined && /^\d+$/.test(id)) return Number(id)
	}
	return undefined
}
