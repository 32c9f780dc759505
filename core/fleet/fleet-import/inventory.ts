import { MAX_IMPORTED } from "../../schema/fleet-import.ts"
import { quoted } from "../../schema/plain-text.ts"
import { expandHosts, splitPort } from "./host-range.ts"
import type { Parsed, Problems } from "./problems.ts"
import { readHost, type Vars } from "./read-host.ts"

interface Group {
	vars: Vars
	children: Set<string>
	hosts: Set<string>
}

/** An Ansible inventory as it is read, whichever way it is written. Names are keys of maps only: they may be anything. */
export interface Inventory {
	group(name: string): Group
	/** The hosts that a pattern, with its port, stands for in a group: the variables of each, which are one in all places. */
	hosts(word: string, group: string, line: number): Vars[]
	/** Every host with what counts for it. */
	resolve(): Parsed["found"]
}

/** Groups that hold every host, or those in none: they say nothing. */
const NO_TAGS: ReadonlySet<string> = new Set(["all", "ungrouped"])
/** Groups, and groups within each other: Ansible has no limit, people need a few. */
const MAX_GROUPS = 500
const MAX_DEPTH = 32
/** Hosts that all patterns stand for, each as often as it is named. */
const MAX_NAMED = 100_000

export function createInventory(problems: Problems): Inventory {
	const groups = new Map<string, Group>()
	const hosts = new Map<string, { line: number; vars: Vars }>()
	let named = 0
	const group = (name: string): Group => {
		const known = groups.get(name) ?? { vars: new Map(), children: new Set(), hosts: new Set() }
		if (groups.size < MAX_GROUPS) groups.set(name, known)
		else if (!groups.has(name)) problems.add(undefined, `group ${quoted(name)} is left out: more than ${MAX_GROUPS}`)
		return known
	}
	const addHost = (name: string, groupName: string, line: number, port: string | undefined): Vars => {
		// As for Ansible: the port behind a name counts only where the host is named first.
		const known = hosts.get(name) ?? { line, vars: new Map(port ? [["ansible_port", { line, text: port }]] : []) }
		// That there are more is told by whoever counts what was found.
		if (hosts.size <= MAX_IMPORTED) hosts.set(name, known)
		group(groupName).hosts.add(name)
		return known.vars
	}
	group("all")
	return {
		group,
		hosts(word, groupName, line) {
			const { pattern, port } = splitPort(word)
			const names = named > MAX_NAMED ? `more than ${MAX_NAMED} hosts are named` : expandHosts(pattern)
			if (typeof names === "string") {
				problems.add(line, `${quoted(word)} is left out: ${names}`)
				return []
			}
			named += names.length
			return names.map((name) => addHost(name, groupName, line, port))
		},
		resolve() {
			const depths = measureDepths(groups, problems)
			const groupsOf = listGroups(groups)
			return [...hosts].flatMap(([name, { line, vars }]) => {
				const own = [...(groupsOf.get(name) ?? [])].sort(
					(a, b) => (depths.get(a) ?? 0) - (depths.get(b) ?? 0) || (a < b ? -1 : 1),
				)
				// The nearer a group is to the host, the later it counts; the host's own word last.
				const all = [...own.map((one) => groups.get(one)?.vars ?? new Map()), vars].flatMap((some) => [...some])
				const said = readHost(name, new Map(all), problems)
				return said ? [{ line, said: { ...said, tags: own.filter((one) => !NO_TAGS.has(one)) } }] : []
			})
		},
	}
}

/** How far each group is from `all`; a circle is told, once. */
function measureDepths(groups: Map<string, Group>, problems: Problems): Map<string, number> {
	const depths = new Map<string, number>([...groups.keys()].map((name) => [name, name === "all" ? 0 : 1]))
	for (let round = 0; round <= MAX_DEPTH; round++) {
		let isSettled = true
		for (const [name, { children }] of groups) {
			if (name === "all") continue
			for (const child of children) {
				if ((depths.get(child) ?? 0) > (depths.get(name) ?? 0)) continue
				depths.set(child, (depths.get(name) ?? 0) + 1)
				isSettled = false
			}
		}
		if (isSettled) return depths
	}
	problems.add(
		undefined,
		`groups lead in a circle, or are more than ${MAX_DEPTH} deep: what they say may count wrongly`,
	)
	return depths
}

/** The groups of every host, those that hold these included. */
function listGroups(groups: Map<string, Group>): Map<string, Set<string>> {
	const parents = new Map<string, Set<string>>()
	for (const [name, { children }] of groups)
		for (const child of children) parents.set(child, (parents.get(child) ?? new Set()).add(name))
	const above = new Map([...groups.keys()].map((name) => [name, climb(name, parents)]))
	const groupsOf = new Map<string, Set<string>>()
	for (const [name, { hosts }] of groups) {
		for (const host of hosts) {
			const own = groupsOf.get(host) ?? new Set(["all"])
			for (const one of above.get(name) ?? []) own.add(one)
			groupsOf.set(host, own)
		}
	}
	return groupsOf
}

function climb(name: string, parents: Map<string, Set<string>>): Set<string> {
	const seen = new Set([name])
	for (const one of seen) for (const parent of parents.get(one) ?? []) seen.add(parent)
	return seen
}
