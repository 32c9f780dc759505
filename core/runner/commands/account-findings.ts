import { sideBySide } from "../../engine/disk/side-by-side.ts"
import type { Host } from "../../engine/host.ts"
import type { Finding } from "../../schema/finding.ts"
import { quoted } from "../../schema/plain-text.ts"
import { type NamedText, textsAt } from "../../schema/targets.ts"

/** Each costs a question to the name service; beyond these preflight tells. */
const MAX_NAMES = 200

/** Owners and groups that this machine does not know, where `index.json` names them; what is `told` already is not repeated. */
export async function accountFindings(host: Host, text: string, told: Finding[]): Promise<Finding[]> {
	const faulty = new Set(told.map(({ path }) => path))
	const unknown = async (key: "owner" | "group", idOf: (name: string) => Promise<number | undefined>) => {
		const named = textsAt(text, ["pools", "*", "operations", "*", "permissions", key])
		const sound = named.filter(({ path }) => !faulty.has(path))
		const names = [...new Set(sound.map(({ value }) => value))].slice(0, MAX_NAMES)
		const ids = new Map(await sideBySide(names, async (name) => [name, await idOf(name)] as const))
		return sound
			.filter(({ value }) => ids.has(value) && ids.get(value) === undefined)
			.map((place) => makeFinding(key, place))
	}
	const owners = await unknown("owner", host.userId)
	return [...owners, ...(await unknown("group", host.groupId))]
}

function makeFinding(key: "owner" | "group", { value, ...place }: NamedText): Finding {
	const what = key === "owner" ? "user" : "group"
	return {
		severity: "fault",
		rule: `${key}-unknown`,
		...place,
		message: `there is no ${what} ${quoted(value)} on this appliance`,
		remedy: `create the ${what} beforehand, or name one that is there`,
	}
}
