import { homedir } from "node:os"
import { FailureError } from "../../schema/failure.ts"
import { MAX_IMPORTED } from "../../schema/fleet-import.ts"
import { quoted } from "../../schema/plain-text.ts"
import { sentenceOf } from "../../schema/sentences.ts"
import type { ConfigLine } from "../ssh/config/config-line.ts"
import { readConfig } from "../ssh/config/read-config.ts"
import { createSshConfig, type LookUp } from "../ssh/config/ssh-config.ts"
import { gatherProblems, type Parsed } from "./problems.ts"

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
	const found = new Map<string, Parsed["found"][number]>()
	for (const { alias, line } of aliasesOf(lines)) {
		if (found.has(alias) || found.size > MAX_IMPORTED) continue
		try {
			const { user, port } = lookUp(alias)
			found.set(alias, { line, said: { name: alias, host: alias, ...(user && { user }), ...(port && { port }) } })
		} catch (error) {
			if (!(error instanceof FailureError)) throw error
			problems.add(line, `${quoted(alias)} is left out: ${sentenceOf(error.failure).what}`)
		}
	}
	return { found: [...found.values()], problems: problems.list() }
}

/** Names of `Host` lines that are no patterns, in their order. */
function* aliasesOf(lines: readonly ConfigLine[]): Generator<{ alias: string; line: number }> {
	for (const { keyword, words, line, included } of lines) {
		for (const file of included ?? []) yield* aliasesOf(file)
		if (keyword === "host") for (const alias of words) if (!/[*?!]/.test(alias)) yield { alias, line }
	}
}
