import { Document, Scalar } from "yaml"
import type { Appliance } from "../../schema/appliance.ts"

/**
 * The appliances as an Ansible inventory in YAML: tags are its groups. What Ansible has no place for, or would not take as
 * it is, stands in variables of our own, so that an import reads it back. Secrets are in none.
 */
export function fleetYaml(appliances: readonly Appliance[]): string {
	const names = nameHosts(appliances)
	const groups = nameGroups(appliances)
	const children = [...groups].map(([group, { tag, members }]) => [
		group,
		{
			...(tag !== group && { vars: { hotfix_tag: unsafe(tag) } }),
			hosts: Object.fromEntries(members.map((one) => [names.get(one) ?? "", {}])),
		},
	])
	const hosts = appliances.map((one) => [names.get(one) ?? "", varsOf(one, names.get(one) ?? "")])
	const document = new Document({
		all: {
			hosts: Object.fromEntries(hosts),
			...(children.length > 0 && { children: Object.fromEntries(children) }),
		},
	})
	document.commentBefore = " Written by Hotfix Manager, which reads the hotfix_ variables back."
	return document.toString({ lineWidth: 0 })
}

/** Ansible reads brackets and commas in a name as patterns, and templates in every value. */
function nameHosts(appliances: readonly Appliance[]): Map<Appliance, string> {
	const taken = new Set<string>()
	return new Map(appliances.map((one) => [one, makeUnique(one.name.replace(/[^A-Za-z0-9_.-]+/g, "-"), taken)]))
}

function nameGroups(appliances: readonly Appliance[]): Map<string, { tag: string; members: Appliance[] }> {
	const taken = new Set(["all", "ungrouped"])
	const tags = [...new Set(appliances.flatMap(({ tags }) => tags))]
	const members = Map.groupBy(
		appliances.flatMap((one) => [...new Set(one.tags)].map((tag) => ({ one, tag }))),
		({ tag }) => tag,
	)
	return new Map(
		tags.map((tag) => [
			makeUnique(tag.replace(/[^A-Za-z0-9_]+|^(?=\d)/g, "_"), taken),
			{ tag, members: (members.get(tag) ?? []).map(({ one }) => one) },
		]),
	)
}

function makeUnique(wanted: string, taken: Set<string>): string {
	let name = wanted
	for (let number = 2; taken.has(name) || name === "__proto__"; number++) name = `${wanted}_${number}`
	taken.add(name)
	return name
}

function varsOf({ name, host, port, user, signIn, become, jump, notes }: Appliance, hostName: string) {
	const vars: Record<string, string | number | boolean> = {
		...(name !== hostName && { hotfix_name: name }),
		ansible_host: host,
		ansible_port: port,
		ansible_user: user,
		...(signIn.method === "key" && { ansible_ssh_private_key_file: signIn.path }),
		...(signIn.method === "password" && { hotfix_sign_in: "password" }),
		...(become !== "none" && { ansible_become: true, ansible_become_method: become }),
		...(jump !== undefined && { ansible_ssh_common_args: `-o ${jumpOption(jump)}` }),
		...(notes !== "" && { hotfix_notes: notes }),
	}
	return Object.fromEntries(Object.entries(vars).map(([key, value]) => [key, unsafe(value)]))
}

/** As one word for a shell; an account's name may have anything in it. */
function jumpOption(jump: string): string {
	return /["'\\]/.test(jump) ? `"ProxyJump=${jump.replace(/["\\]/g, "\\$&")}"` : `ProxyJump=${jump}`
}

/** What Ansible would take for a template and run. */
function unsafe(value: string | number | boolean): unknown {
	if (typeof value !== "string" || !/\{\{|\{%|\{#/.test(value)) return value
	const scalar = new Scalar(value)
	scalar.tag = "!unsafe"
	return scalar
}
