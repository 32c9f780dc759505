import { Document, Scalar } from "yaml"
import type { Appliance } from "../../schema/appliance.ts"

/** The appliances as an Ansible inventory in YAML: tags are its groups. Secrets are in none. */
export function fleetYaml(appliances: readonly Appliance[]): string {
	const names = nameHosts(appliances)
	const groups = nameGroups(appliances)
	const children = [...groups].map(([group, members]) => [
		group,
		{ hosts: Object.fromEntries(members.map((one) => [names.get(one) ?? "", {}])) },
	])
	const hosts = appliances.map((one) => [names.get(one) ?? "", varsOf(one, names.get(one) ?? "")])
	const document = new Document({
		all: {
			hosts: Object.fromEntries(hosts),
			...(children.length > 0 && { children: Object.fromEntries(children) }),
		},
	})
	document.commentBefore = " Written by Hotfix Manager; hotfix_name is the name there."
	return document.toString({ lineWidth: 0 })
}

/** Ansible reads brackets and commas in a name as patterns, and templates in every value. */
function nameHosts(appliances: readonly Appliance[]): Map<Appliance, string> {
	const taken = new Set<string>()
	return new Map(appliances.map((one) => [one, makeUnique(one.name.replace(/[^A-Za-z0-9_.-]+/g, "-"), taken)]))
}

function nameGroups(appliances: readonly Appliance[]): Map<string, Appliance[]> {
	const taken = new Set(["all", "ungrouped"])
	const tags = [...new Set(appliances.flatMap(({ tags }) => tags))]
	const groupOf = new Map(tags.map((tag) => [tag, makeUnique(tag.replace(/[^A-Za-z0-9_]+|^(?=\d)/g, "_"), taken)]))
	const members = Map.groupBy(
		appliances.flatMap((one) => [...new Set(one.tags)].map((tag) => ({ one, group: groupOf.get(tag) ?? "" }))),
		({ group }) => group,
	)
	return new Map([...members].map(([group, some]) => [group, some.map(({ one }) => one)]))
}

function makeUnique(wanted: string, taken: Set<string>): string {
	let name = wanted
	for (let number = 2; taken.has(name) || name === "__proto__"; number++) name = `${wanted}_${number}`
	taken.add(name)
	return name
}

function varsOf({ name, host, port, user, signIn, become, jump }: Appliance, hostName: string) {
	const vars: Record<string, string | number | boolean> = {
		...(name !== hostName && { hotfix_name: name }),
		ansible_host: host,
		ansible_port: port,
		ansible_user: user,
		...(signIn.method === "key" && { ansible_ssh_private_key_file: signIn.path }),
		...(become !== "none" && { ansible_become: true, ansible_become_method: become }),
		...(jump !== undefined && { ansible_ssh_common_args: `-o ProxyJump=${jump}` }),
	}
	return Object.fromEntries(Object.entries(vars).map(([key, value]) => [key, unsafe(value)]))
}

/** What Ansible would take for a template and run. */
function unsafe(value: string | number | boolean): unknown {
	if (typeof value !== "string" || !/\{\{|\{%|\{#/.test(value)) return value
	const scalar = new Scalar(value)
	scalar.tag = "!unsafe"
	return scalar
}
