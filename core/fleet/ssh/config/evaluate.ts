import { userInfo } from "node:os"
import { matchesPatterns } from "../pattern.ts"
import { type ConfigLine, unreadable } from "./config-line.ts"

/** The settings that count for one host: of each keyword the first that matched, of `identityfile` all. */
export type Found = Map<string, ConfigLine[]>

/** Keywords that are looked at; all others pass unseen, those of newer ssh's too. */
const KEYWORDS: ReadonlySet<string> = new Set([
	"hostname",
	"user",
	"port",
	"identityfile",
	"identitiesonly",
	"proxyjump",
	"userknownhostsfile",
])

interface Pass {
	/** What `Host` compares: the name as it was given; in the final pass the real one. */
	host: string
	alias: string
	/** The user that was asked for, before anything the configuration says. */
	user: string | undefined
	found: Found
	isFinal: boolean
	wantsFinal: boolean
}

/** What the configuration says for a host, in the order and with the precedence of ssh. Nothing is ever started. */
export function evaluate(lines: readonly ConfigLine[], alias: string, user?: string): Found {
	const pass: Pass = { host: alias, alias, user, found: new Map(), isFinal: false, wantsFinal: false }
	apply(lines, true, pass)
	if (pass.wantsFinal) apply(lines, true, { ...pass, host: hostNameOf(pass), isFinal: true })
	return pass.found
}

/** `isOpen`: whether the lines stand in a block that matches. */
function apply(lines: readonly ConfigLine[], isOpen: boolean, pass: Pass): void {
	let isActive = isOpen
	for (const line of lines) {
		if (line.keyword === "host") isActive = isOpen && matchesPatterns(line.words, pass.host)
		else if (line.keyword === "match") isActive = isOpen && matchesCriteria(line, pass)
		else if (line.included) for (const file of line.included) apply(file, isActive, pass)
		else if (isActive) keep(line, pass.found)
	}
}

function keep(line: ConfigLine, found: Found): void {
	// ProxyCommand and ProxyJump are two ways to say one thing: the first of either counts.
	const keyword = line.keyword === "proxycommand" ? "proxyjump" : line.keyword
	if (!KEYWORDS.has(keyword)) return
	const kept = found.get(keyword)
	if (!kept) found.set(keyword, [line])
	else if (keyword === "identityfile") kept.push(line)
}

/** Whether all criteria of a `Match` hold. One that would take a command, or that nobody knows here, never does. */
function matchesCriteria(line: ConfigLine, pass: Pass): boolean {
	const words = [...line.words]
	let matches = true
	for (let word = words.shift(); word !== undefined; word = words.shift()) {
		const isNegated = word.startsWith("!")
		const criterion = word.slice(isNegated ? 1 : 0).toLowerCase()
		if (criterion === "final" || criterion === "canonical") {
			if (criterion === "final") pass.wantsFinal = true
			if (pass.isFinal === isNegated) matches = false
			continue
		}
		if (criterion === "all") continue
		const patterns = words.shift()
		if (patterns === undefined) throw unreadable(line, `Match ${criterion} has no value`)
		const subject = subjectOf(criterion, pass)
		if (subject === undefined || matchesPatterns(patterns.split(","), subject) === isNegated) matches = false
	}
	return matches
}

function subjectOf(criterion: string, pass: Pass): string | undefined {
	switch (criterion) {
		case "host":
			return hostNameOf(pass)
		case "originalhost":
			return pass.alias
		case "user":
			return pass.user ?? pass.found.get("user")?.[0]?.words[0] ?? userInfo().username
		case "localuser":
			return userInfo().username
		default:
			return undefined
	}
}

/** The real name so far; in it `%h` is the alias. */
function hostNameOf({ found, alias }: Pass): string {
	return found.get("hostname")?.[0]?.words[0]?.replace(/%([%h])/g, (_, token) => (token === "h" ? alias : "%")) ?? alias
}
