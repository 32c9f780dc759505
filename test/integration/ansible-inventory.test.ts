import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, expect, test } from "vitest"
import { fleetYaml } from "../../core/fleet/fleet-import/fleet-yaml.ts"
import { formatOf, parseImport } from "../../core/fleet/fleet-import/parse-import.ts"
import { applianceSchema } from "../../core/schema/appliance.ts"

/** Inventories as Ansible itself understands them, beside what the import makes of them. */
const hasAnsible = spawnSync("ansible-inventory", ["--version"]).status === 0
if (!hasAnsible) console.warn("SKIPPED inventories as Ansible reads them: ansible-inventory is not installed")

const folder = mkdtempSync(join(tmpdir(), "hotfix-inventory-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Meant {
	host: string
	port: number
	user: string
	become: boolean
	groups: string[]
}

function byAnsible(name: string, text: string): Map<string, Meant> {
	writeFileSync(join(folder, name), text)
	const asked = spawnSync("ansible-inventory", ["-i", join(folder, name), "--list"], { encoding: "utf8" })
	expect(asked.stderr).toBe("")
	const { _meta, ...groups } = JSON.parse(asked.stdout)
	const parentsOf = (child: string): string[] =>
		Object.keys(groups)
			.filter((one) => groups[one].children?.includes(child))
			.flatMap((one) => [one, ...parentsOf(one)])
	const names = new Set<string>(Object.values<{ hosts?: string[] }>(groups).flatMap(({ hosts = [] }) => hosts))
	return new Map(
		[...names].map((host) => {
			const vars = _meta.hostvars[host] ?? {}
			const direct = Object.keys(groups).filter((one) => groups[one].hosts?.includes(host))
			const all = new Set(direct.flatMap((one) => [one, ...parentsOf(one)]))
			return [
				host,
				{
					host: vars.ansible_host ?? host,
					port: Number(vars.ansible_port ?? 22),
					// Said to be no template.
					user: vars.ansible_user?.__ansible_unsafe ?? vars.ansible_user ?? "root",
					become: vars.ansible_become === true || vars.ansible_become === "yes",
					groups: [...all].filter((one) => one !== "all" && one !== "ungrouped").sort(),
				},
			]
		}),
	)
}

function byImport(name: string, text: string): Map<string, Meant> {
	const { found, problems } = parseImport(text, formatOf(text, name))
	expect(problems).toEqual([])
	return new Map(
		found.map(({ said: { name, host, port = 22, user = "root", become = "none", tags = [] } }) => [
			name,
			{ host, port, user, become: become !== "none", groups: [...tags].sort() },
		]),
	)
}

const INI = `mail.example ansible_user=support
[web]
web[01:03].example:2222 http_port=80 # the front
"quoted.example" ansible_host='10.0.0.9'
web01.example
[db]
db-[a:b] ansible_become=yes
[b_late]
both ansible_port=2201
[a_early]
both
[south:children]
web
north
[north]
north[1:9:4]
[south:vars]
ansible_user=south
ansible_port=2299
[north:vars]
ansible_user = "north user"
[b_late:vars]
ansible_user=late
[a_early:vars]
ansible_user=early
[all:vars]
ansible_user=everybody
`
const INI_VALUES = `a:2201 ansible_user="'quoted'"
a:2202
web[:2]
[y:B]x
[early]
both
[late]
both
[early:vars]
ansible_user='admin' # note
ansible_port=2222 # c
ansible_group_priority=5
[late:vars]
ansible_user=bare # no comment
ansible_port="2223" # c
`
const YAML_PORTS = `all:
  hosts:
    gate:2201: {ansible_host: 10.0.0.9}
    "[2001:db8::1]:2202":
    web[1:2]:2203:
    own:1: {ansible_port: 2}
  children:
    z: {hosts: {both: }, vars: {ansible_user: z, ansible_group_priority: 5}}
    y: {hosts: {both: }, vars: {ansible_user: y, ansible_group_priority: "7"}}
    zz: {hosts: {both: }, vars: {ansible_user: zz}}
`
const YAML = `all:
  vars: {ansible_user: everybody}
  hosts:
    mail.example:
  children:
    web:
      hosts:
        web[01:02].example: &front {ansible_port: 2222, ansible_become: yes}
        third: *front
    south:
      vars: {ansible_user: south, ansible_port: 2299}
      children:
        web:
          vars: {ansible_host: 10.0.0.7}
lonely:
  hosts: {a.example: {ansible_user: "1001"}}
`
const fleet = fleetYaml(
	[
		{
			id: "1",
			name: "Kitchen",
			host: "10.0.0.5",
			tags: ["South side", "3rd"],
			become: "sudo",
			signIn: { method: "agent" },
		},
		{
			id: "2",
			name: "attic",
			host: "attic.example",
			port: 2222,
			user: "support",
			signIn: { method: "key", path: "/k" },
		},
		{ id: "3", name: "cellar", host: "c.example", user: "{{ x }}", tags: ["3rd"], signIn: { method: "agent" } },
		{
			id: "4",
			name: "loft",
			host: "2001:db8::4",
			jump: "o'brien@gate",
			notes: "{{ x }}:\r\n- 'y' # z",
			signIn: { method: "password" },
		},
	].map((one) => applianceSchema.parse(one)),
)

test.skipIf(!hasAnsible).each([
	["hosts.ini", INI],
	["hosts.yml", YAML],
	["values.ini", INI_VALUES],
	["ports.yml", YAML_PORTS],
	// Ansible knows nothing of what a group is called here.
	["exported.yml", fleet.replaceAll("hotfix_tag:", "other:")],
])("%s means the same to Ansible", (name, text) => {
	const meant = byAnsible(name, text)
	expect(meant.size).toBeGreaterThan(2)
	expect(Object.fromEntries(byImport(name, text))).toEqual(Object.fromEntries(meant))
})
