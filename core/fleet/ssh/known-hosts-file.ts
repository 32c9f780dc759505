import { createHmac, timingSafeEqual } from "node:crypto"
import { keyTypeOf } from "./host-key.ts"
import { matchesPattern } from "./pattern.ts"

/** One line of a known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). */
export interface KnownHostLine {
	file: string
	/** From 1. */
	line: number
	marker?: "cert-authority" | "revoked"
	/** Patterns as written, or one hashed name. */
	hosts: string[]
	type: string
	key: Buffer
}

export type HostKeyVerdict =
	| { verdict: "ok" }
	/** `certAuthority`: the host is known by a certificate authority only, which ssh2 cannot check. */
	| { verdict: "unknown"; certAuthority: boolean }
	/** Only other keys are known; `known` is one of them, of the same type where there is one. */
	| { verdict: "changed"; known: KnownHostLine }
	| { verdict: "revoked"; known: KnownHostLine }

/** The lines of a file. Lines that are none are left out, as OpenSSH does: one bad line must not lock out all hosts. */
export function parseKnownHosts(text: string, file: string): KnownHostLine[] {
	return text.split("\n").flatMap((raw, index) => {
		const words = raw.trim().split(/[ \t]+/)
		const marker = words[0]?.startsWith("@") ? words.shift()?.slice(1) : undefined
		const [hosts, type, base64] = words
		if (!hosts || hosts.startsWith("#") || !type || !base64) return []
		if (marker !== undefined && marker !== "cert-authority" && marker !== "revoked") return []
		const key = Buffer.from(base64, "base64")
		if (keyTypeOf(key) !== type) return []
		return [{ file, line: index + 1, ...(marker ? { marker } : {}), hosts: hosts.split(","), type, key }]
	})
}

/** How a host stands in known_hosts: the port is part of the name unless it is 22. */
export function nameOf(host: string, port: number): string {
	const lower = host.toLowerCase()
	return port === 22 ? lower : `[${lower}]:${port}`
}

/** Whether a line is about this name: hashed, wildcards and negation as OpenSSH has them. */
export function matchesName(line: KnownHostLine, name: string): boolean {
	let matched = false
	for (const host of line.hosts) {
		if (host.startsWith("|1|")) matched ||= matchesHash(host, name)
		else if (host.startsWith("!")) {
			if (matchesPattern(host.slice(1), name)) return false
		} else matched ||= matchesPattern(host, name)
	}
	return matched
}

/** The types of the keys known for a host, for the order in which algorithms are offered. */
export function knownTypes(lines: readonly KnownHostLine[], host: string, port: number): string[] {
	return linesFor(lines, host, port).flatMap((line) => (line.marker ? [] : [line.type]))
}

/** What is known about a key that a host shows. */
export function verdictOf(lines: readonly KnownHostLine[], host: string, port: number, key: Buffer): HostKeyVerdict {
	const own = lines.filter((line) => matchesName(line, nameOf(host, port)))
	const revoked = [...own, ...plainLines(lines, host, port)].find(
		(line) => line.marker === "revoked" && line.key.equals(key),
	)
	if (revoked) return { verdict: "revoked", known: revoked }
	const keys = own.filter((line) => !line.marker)
	// A key known for the host's port 22 counts for its other ports too, but is no reason to call another one changed.
	const plain = plainLines(lines, host, port).filter((line) => !line.marker)
	if ([...keys, ...plain].some((line) => line.key.equals(key))) return { verdict: "ok" }
	const known = keys.find((line) => line.type === keyTypeOf(key)) ?? keys[0]
	if (known) return { verdict: "changed", known }
	return { verdict: "unknown", certAuthority: own.some((line) => line.marker === "cert-authority") }
}

function linesFor(lines: readonly KnownHostLine[], host: string, port: number): KnownHostLine[] {
	const own = lines.filter((line) => matchesName(line, nameOf(host, port)))
	return own.some((line) => !line.marker) ? own : [...own, ...plainLines(lines, host, port)]
}

function plainLines(lines: readonly KnownHostLine[], host: string, port: number): KnownHostLine[] {
	return port === 22 ? [] : lines.filter((line) => matchesName(line, nameOf(host, 22)))
}

function matchesHash(hashed: string, name: string): boolean {
	const [, , salt = "", hash = ""] = hashed.split("|")
	const wanted = Buffer.from(hash, "base64")
	const found = createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest()
	return wanted.length === found.length && timingSafeEqual(wanted, found)
}
