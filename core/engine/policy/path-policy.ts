import type { Destination } from "../change.ts"
import { codeOf, meaningOf } from "../disk/disk-error.ts"
import { resolveLinks, resolveTrusted, TooManyLinks } from "../disk/exposed.ts"
import { folderOf, isBelow } from "../disk/path.ts"
import { sideBySide } from "../disk/side-by-side.ts"
import { readSystemFile } from "../disk/system-file.ts"
import type { Host } from "../host.ts"
import { coversPath, literalNames, matchesGlob } from "./glob.ts"
import { type Policy, type PolicyEntry, parsePolicy } from "./policy-text.ts"

/** What the appliance's owner allows modules to write; `docs/on-the-appliance.md` describes the file. */
export const POLICY_FILE = "/etc/hotfix/policy.json"
export const MAX_POLICY_BYTES = 64 << 10

/**
 * By what is found here a pool fails, whoever asks for the run. What goes back to the very place where it stood is never
 * forbidden: the way back stays open.
 */
export interface PathPolicy {
	/** Why nothing can be allowed: the file is there, and nobody can go by it. */
	faults: string[]
	/** Why a destination may not be written, by the path that is really written. */
	faultsOf(destination: Destination): string[]
}

/**
 * No module writes below `/etc/hotfix`, with or without a policy: who could write there could allow itself the rest. Read
 * anew for every pool, and in the same moment as the paths it is held against.
 */
export async function readPathPolicy(host: Host): Promise<PathPolicy> {
	const file = await readSystemFile(host, POLICY_FILE, MAX_POLICY_BYTES)
	if (!file) return makePolicy(await resolveTrusted(host, folderOf(POLICY_FILE)))
	if ("fault" in file) return unusable([`cannot go by ${POLICY_FILE}: ${file.fault}`])
	const read = parsePolicy(file.bytes)
	if ("faults" in read) return unusable(read.faults.map((fault) => `cannot go by ${POLICY_FILE}:${fault}`))
	try {
		return makePolicy(file.folder, await withRealNames(host, read.policy))
	} catch (error) {
		return unusable([`cannot go by ${POLICY_FILE}: ${meaningOf(error)}`])
	}
}

/**
 * What is denied under a name that is a link, or leads through one (`/lib`, `/var/run`), is denied where it really is, too:
 * that is what is written.
 */
async function withRealNames(host: Host, { deny, ...policy }: Policy): Promise<Policy> {
	const real = await sideBySide(deny, async ({ place, glob }): Promise<PolicyEntry[]> => {
		const names = literalNames(glob)
		const named = `/${names.join("/")}`
		const path = names.length === 0 ? named : await resolveVisible(host, named)
		if (path === undefined || path === named) return []
		return [{ place, glob: [...path.split("/").filter(Boolean), ...glob.slice(names.length)] }]
	})
	return { ...policy, deny: [...deny, ...real.flat()] }
}

/** Undefined where it cannot be seen: what this account, or anybody, cannot pass through, it cannot write through either. */
async function resolveVisible(host: Host, path: string): Promise<string | undefined> {
	try {
		return await resolveLinks(host, path)
	} catch (error) {
		if (error instanceof TooManyLinks || UNSEEN.has(codeOf(error) ?? "")) return undefined
		throw error
	}
}

const UNSEEN = new Set(["EACCES", "EPERM", "ENAMETOOLONG", "ENOTDIR"])

function makePolicy(ownFolder: string, policy?: Policy): PathPolicy {
	return {
		faults: [],
		faultsOf: (destination) => (isWayBack(destination) ? [] : whyNot(ownFolder, policy, destination)),
	}
}

/** Of a pool's destinations together: the file's own faults once. */
export function policyFaults(policy: PathPolicy, destinations: Destination[]): string[] {
	return destinations.every(isWayBack) ? [] : policy.faults
}

function unusable(faults: string[]): PathPolicy {
	return { faults, faultsOf: () => [] }
}

function isWayBack({ stoodAt, path }: Destination): boolean {
	return stoodAt === path
}

function whyNot(
	ownFolder: string,
	policy: Policy | undefined,
	{ destination, path, waypoints, makes, inPlace }: Destination,
): string[] {
	const clauses = [...makes, path].flatMap((written) => forbidding(ownFolder, policy, written) ?? [])
	// A pattern with a sign before a link's name meets that only here: where the link leads it is called something else.
	clauses.push(...waypoints.flatMap((name) => denying(policy, name) ?? []).slice(0, 1))
	if (inPlace && policy)
		clauses.push(`${POLICY_FILE} cannot tell of other names that the file has, or of what is mounted there`)
	return clauses.map((clause) => `${destination} may not be written: ${clause}`)
}

function forbidding(ownFolder: string, policy: Policy | undefined, path: string): string | undefined {
	if (isBelow(path, ownFolder)) return `no module writes ${path}, by which the owner limits modules`
	const denied = denying(policy, path)
	if (denied !== undefined) return denied
	return policy?.allow && !policy.allow.some(({ glob }) => matchesGlob(glob, path))
		? `${POLICY_FILE} does not allow ${path}`
		: undefined
}

function denying(policy: Policy | undefined, path: string): string | undefined {
	const denied = policy?.deny.find(({ glob }) => coversPath(glob, path))
	return denied && `${POLICY_FILE} denies ${path} (${denied.place})`
}
