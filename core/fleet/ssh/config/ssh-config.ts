import { homedir, userInfo } from "node:os"
import { join } from "node:path"
import { NO_HOST } from "../../../schema/address.ts"
import { expandHome } from "../key-file.ts"
import { type ConfigLine, unreadable } from "./config-line.ts"
import { evaluate, type Found } from "./evaluate.ts"
import { expandPath, expandTokens, makeTokens, type Tokens } from "./expand.ts"
import { createKeptConfig } from "./kept-config.ts"
import { readConfig } from "./read-config.ts"

/** What the user's own SSH configuration says about a host. */
export interface SshSettings {
	/** The name or address to dial. */
	hostName: string
	user?: string
	port?: number
	/** Key files in the order in which they are tried; ssh's own default ones where none are written down. */
	identityFiles: string[]
	/** Of the agent's keys only those that `identityFiles` names. */
	identitiesOnly: boolean
	/** `[user@]host[:port]`, separated by commas. */
	jump?: string
	/** In place of the user's own known_hosts. */
	knownHostsFiles?: string[]
}

/** What was said already, and goes before the configuration. */
export interface Given {
	user?: string | undefined
	port?: number | undefined
	jump?: string | undefined
}

/** Settings for hosts, as the configuration stood when it was read. */
export type LookUp = (alias: string, given?: Given) => SshSettings

/** The user's own SSH configuration. */
export interface SshConfig {
	/** As it stands now: what the user mends there counts at once. Fails with `ssh-config-unreadable`. */
	read(): Promise<LookUp>
}

/** The keys that ssh tries by itself where they exist. */
const DEFAULT_IDENTITIES = ["id_ed25519", "id_ecdsa", "id_rsa"]

/** `file`: `~/.ssh/config` when absent, which need not exist; null for none. `home`: whose `~` it is. */
export function createSshConfig({ file, home = homedir() }: { file?: string | null | undefined; home?: string } = {}) {
	const readLines = createKeptConfig((look) => readConfig(file ? expandHome(file, home) : undefined, home, look))
	return {
		async read(): Promise<LookUp> {
			const lines = file === null ? [] : await readLines()
			return (alias, given = {}) => settingsOf(evaluate(lines, alias, given.user), { ...given, alias, home })
		},
	} satisfies SshConfig
}

function settingsOf(found: Found, asked: Given & { alias: string; home: string }): SshSettings {
	const first = (keyword: string): ConfigLine | undefined => found.get(keyword)?.[0]
	const { alias, home } = asked
	const hostName = hostNameOf(first("hostname"), alias)
	const user = asked.user ?? userOf(first("user"))
	const port = asked.port ?? portOf(first("port"))
	const tokens = makeTokens({ home, alias, host: hostName, port: port ?? 22, user: user ?? userInfo().username })
	const jump = asked.jump ?? jumpOf(first("proxyjump"), tokens)
	const knownHosts = first("userknownhostsfile")
	return {
		hostName,
		...(user !== undefined && { user }),
		...(port !== undefined && { port }),
		identityFiles: identitiesOf(found.get("identityfile"), tokens, home),
		identitiesOnly: /^(yes|true)$/i.test(first("identitiesonly")?.words[0] ?? ""),
		...(jump !== undefined && { jump }),
		...(knownHosts && { knownHostsFiles: pathsOf(knownHosts, tokens) }),
	}
}

function hostNameOf(line: ConfigLine | undefined, alias: string): string {
	if (!line) return alias
	const name = expandTokens(line.words[0] ?? "", { "%h": alias }, line)
	if (NO_HOST.test(name) || name.length > 253) throw unreadable(line, "HostName is no host name or address")
	return name
}

function userOf(line: ConfigLine | undefined): string | undefined {
	const name = line?.words[0]
	if (line && (name === undefined || name.length > 64)) throw unreadable(line, "User is no name of an account")
	return name
}

function portOf(line: ConfigLine | undefined): number | undefined {
	if (!line) return undefined
	const port = Number(line.words[0])
	if (Number.isInteger(port) && port > 0 && port < 65_536) return port
	throw unreadable(line, "Port is no number from 1 to 65535")
}

function jumpOf(line: ConfigLine | undefined, tokens: Tokens): string | undefined {
	if (!line || line.words.join(" ").toLowerCase() === "none") return undefined
	if (line.keyword === "proxyjump") return expandTokens(line.words.join(" "), tokens, line)
	throw unreadable(line, "ProxyCommand starts a program, which is not done here: say it with ProxyJump")
}

function identitiesOf(lines: readonly ConfigLine[] | undefined, tokens: Tokens, home: string): string[] {
	if (!lines) return DEFAULT_IDENTITIES.map((name) => join(home, ".ssh", name))
	return [...new Set(lines.flatMap((line) => pathsOf(line, tokens)))]
}

function pathsOf(line: ConfigLine, tokens: Tokens): string[] {
	const named = line.words.filter((word) => word.toLowerCase() !== "none")
	return named.map((word) => expandPath(word, tokens, line))
}
