import { hostname, userInfo } from "node:os"
import { expandHome } from "../key-file.ts"
import { type ConfigLine, unreadable } from "./config-line.ts"

/** What `%` and a letter stand for in a value; `%%` always is a percent sign. */
export type Tokens = Readonly<Record<string, string>>

export function makeTokens(facts: { home: string; alias: string; host: string; port: number; user: string }): Tokens {
	const { home, alias, host, port, user } = facts
	const { username, uid } = userInfo()
	const local = hostname()
	return {
		"%d": home,
		"%h": host,
		"%i": String(uid),
		"%k": alias,
		"%L": local.split(".")[0] ?? local,
		"%l": local,
		"%n": alias,
		"%p": String(port),
		"%r": user,
		"%u": username,
	}
}

/** Replaces the tokens that a value may hold. Fails with `ssh-config-unreadable` for one that is not known. */
export function expandTokens(text: string, tokens: Tokens, place: ConfigLine): string {
	return text.replace(/%(.?)/g, (token) => {
		if (token === "%%") return "%"
		const value = tokens[token]
		if (value === undefined) throw unreadable(place, `${token} is not understood here`)
		return value
	})
}

/** A path: tokens, `~` and variables of the environment. */
export function expandPath(text: string, tokens: Tokens, place: ConfigLine): string {
	const named = text.replace(/\$\{(\w+)\}/g, (_, name: string) => {
		const value = process.env[name]
		if (value === undefined) throw unreadable(place, `there is no variable ${name} in the environment`)
		return value
	})
	return expandHome(expandTokens(named, tokens, place), tokens["%d"])
}
