import { MAX_IMPORTED } from "../../schema/fleet-import.ts"
import { quoted } from "../../schema/plain-text.ts"
import { expandHosts, splitPort } from "./host-range.ts"
import type { Parsed, Problems } from "./problems.ts"
import { type HostVar, isHostVar, readHost, type Value, type Vars } from "./read-host.ts"
import { createReadSshOptions } from "./ssh-options.ts"

interface Group {
	vars: Vars
	/** Which of those as far from `all` counts later. */
	priority: number
	/** What it is called here. */
	tag: string
	children: Set<string>
	hosts: Set<string>
}

/** An Ansible inventory as it is read, whichever way it is written. Names are keys of maps only: they may be anything. */
export interface Inventory {
	group(name: string): Group
	/** A variable of a group, where it says something here. */
	setVar(group: string, name: GroupVar, value: Value): void
	/** The hosts that a pattern, with its port, stands for in a group: the variables of each, which are one in all places. */
	hosts(word: string, group: string, line: number): Vars[]
	/** Every host with what counts for it. */
	resolve(): Parsed["found"]
}

/** What a group says of its hosts, and of itself. */
type GroupVar = HostVar | "ansible_group_priority" | "hotfix_tag"
export const isGroupVar = (name: string): name is GroupVar =>
	isHostVar(name) || name === "ansible_group_priority" || name === "hotfix_tag"

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
		const known = groups.get(name) ?? { vars: new Map(), priority: 1, tag: name, children: new Set(), hosts: new Set() }
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
		setVar(groupName, name, value) {
			const known = group(groupName)
			if (isHostVar(name)) known.vars.set(name, value)
			else if (value.opaque !== undefined)
				problems.add(value.line, `${name} is ${value.opaque}, which is not understood here`)
			else if (name === "hotfix_tag") known.tag = value.text
			else if (/^-?\d{1,9}$/.test(value.text)) known.priority = Number(value.text)
			else problems.add(value.line, `${name} ${quoted(value.text)} is no number`)
		},
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
			const tools = { problems, readSshOptions: createReadSshOptions() }
			return [...hosts].flatMap(([name, { line, vars }]) => {
				const own = [...(groupsOf.get(name) ?? [])].sort(
					(a, b) =>
						(depths.get(a) ?? 0) - (depths.get(b) ?? 0) ||
						(groups.get(a)?.priority ?? 1) - (groups.get(b)?.priority ?? 1) ||
						(a < b ? -1 : 1),
				)
				// The nearer a group is to the host, the later it counts; the host's own word last.
				const all = [...own.map((one) => groups.get(one)?.vars ?? new Map()), vars].flatMap((some) => [...some])
				const said = readHost(name, new Map(all), tools)
				const tags = own.filter((one) => !NO_TAGS.has(one)).map((one) => groups.get(one)?.tag ?? one)
				return said ? [{ line, said: { ...said, tags: [...new Set(tags)] } }] : []
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
