import { homedir } from "node:os"
import { FailureError } from "../../schema/failure.ts"
import { MAX_IMPORTED } from "../../schema/fleet-import.ts"
import { quoted } from "../../schema/plain-text.ts"
import { sentenceOf } from "../../schema/sentences.ts"
import type { ConfigLine } from "../ssh/config/config-line.ts"
import { readConfig } from "../ssh/config/read-config.ts"
import { createSshConfig, type LookUp } from "../ssh/config/ssh-config.ts"
import { gatherProblems, type Parsed, type Problems } from "./problems.ts"

/**
 * The hosts that an SSH configuration names. Their aliases are kept as addresses, so that keys, jump hosts and real names
 * stay where they are written down. Fails with `ssh-config-unreadable`.
 */
export async function readSshHosts(file: string | null | undefined, home = homedir()): Promise<Parsed> {
	if (file === null) return { found: [], problems: [{ text: "no SSH configuration is used here" }] }
	const lookUp = await createSshConfig({ file, home }).read()
	return hostsOf(await readConfig(file, home, async () => {}), lookUp)
}

function hostsOf(lines: readonly ConfigLine[], lookUp: LookUp): Parsed {
	const problems = gatherProblems()
	const found: Parsed["found"] = []
	const places = new Map<string, string>()
	for (const { aliases, line } of hostLinesOf(lines)) {
		const first = new Map<string, string>()
		for (const alias of aliases) {
			const known = places.get(alias)
			if (known !== undefined && !first.has(known)) first.set(known, alias)
			if (known !== undefined || found.length > MAX_IMPORTED) continue
			try {
				const { hostName, user, port, jump } = lookUp(alias)
				const place = JSON.stringify([hostName.toLowerCase(), user, port, jump])
				const other = first.get(place)
				places.set(alias, place)
				first.set(place, other ?? alias)
				if (other !== undefined) problems.note(line, `${quoted(alias)} is another name of ${quoted(other)}`)
				else found.push({ line, said: { name: alias, host: alias, ...(user && { user }), ...(port && { port }) } })
			} catch (error) {
				if (!(error instanceof FailureError)) throw error
				problems.add(line, `${quoted(alias)} is left out: ${sentenceOf(error.failure).what}`)
			}
		}
	}
	tellUsers(found, problems)
	return { found, problems: problems.list() }
}

function tellUsers(found: Parsed["found"], problems: Problems): void {
	const [first, ...more] = found.filter(({ said }) => said.user === undefined)
	if (!first) return
	const those = `${quoted(first.said.name)}${more.length > 0 ? ` and ${more.length} more` : ""}`
	problems.note(first.line, `user is not said for ${those}: a new one gets root, not your own account as with ssh`)
}

/** Names of each `Host` line that are no patterns, in their order. */
function* hostLinesOf(lines: readonly ConfigLine[]): Generator<{ aliases: string[]; line: number }> {
	for (const { keyword, words, line, included } of lines) {
		for (const file of included ?? []) yield* hostLinesOf(file)
		if (keyword === "host") yield { aliases: words.filter((word) => !/[*?!]/.test(word)), line }
	}
}
