import { describe, expect, test, vi } from "vitest"
import { expandHosts } from "../../../../../core/fleet/fleet-import/host-range.ts"
import { formatOf, parseImport, type TextFormat } from "../../../../../core/fleet/fleet-import/parse-import.ts"

const parse = (format: TextFormat, text: string) => {
	const { found, problems } = parseImport(text, format)
	return {
		said: found.map(({ said }) => said),
		lines: found.map(({ line }) => line),
		problems: problems.map(({ line, text }) => `${line ?? "-"}: ${text}`),
	}
}

describe("CSV", () => {
	test("all columns, quoting as RFC 4180 has it, a byte order mark, lines counted within cells", () => {
		const text = `\ufeffName,Host,port,user,sign-in,become,jump,tags,notes\r
"Berger, ""cellar""",10.0.0.5,2222,support,key:/k,sudo,"gate,inner","bakery,""a,b""","two
lines"\r
Second,second.example,,,,,,,\r
`
		expect(parse("csv", text)).toEqual({
			said: [
				{
					...{ name: 'Berger, "cellar"', host: "10.0.0.5", port: 2222, user: "support", become: "sudo" },
					...{
						signIn: { method: "key", path: "/k" },
						jump: "gate,inner",
						tags: ["bakery", "a,b"],
						notes: "two\nlines",
					},
				},
				{ name: "Second", host: "second.example", tags: [], notes: "" },
			],
			lines: [2, 4],
			problems: [],
		})
	})

	test.each([
		["semicolons", "name;host;tags\nA;a.example;x,y", { name: "A", host: "a.example", tags: ["x", "y"] }],
		["tabs", "address\tusername\na.example\troot", { name: "a.example", host: "a.example", user: "root" }],
		["a name that is a formula", "name,host\n'=1+1,a", { name: "=1+1", host: "a" }],
		["a port behind the host", "name,host\nA,a.example:2201", { name: "A", host: "a.example", port: 2201 }],
		["a port behind both", "host,port\na:2201,2201", { name: "a", host: "a", port: 2201 }],
		["IPv6 with a port", "host\n[2001:db8::1]:22", { name: "2001:db8::1", host: "2001:db8::1", port: 22 }],
		["IPv6 without", "host\n2001:db8::1", { name: "2001:db8::1", host: "2001:db8::1" }],
		["what is not said stays unsaid", "host\na", { name: "a", host: "a" }],
	])("%s", (_, text, said) => expect(parse("csv", text)).toMatchObject({ said: [said], problems: [] }))

	test.each([
		["", "-: the table is empty"],
		["name,user\na,b", "1: the first row must name the columns, among them host: name, host, port,"],
		["host,host\na,b", "1: two columns are host"],
		["host,__proto__\na,b", '1: column "__proto__" is not known and is left out'],
		["host,constructor\na,b", '1: column "constructor" is not known and is left out'],
		["host,port\na", "2: it has 1 cells, and the first row 2"],
		["host,port\na,ssh", '2: port "ssh" is no number'],
		["host,port\na:2201,22", '2: port 22 is another one than that of "a:2201"'],
		["host,become\na,su", '2: become "su" is none: none, sudo or doas'],
		["host,sign-in\na,secret", '2: sign-in "secret" is none: agent, password or key:PATH'],
		["host,name\n,x", "2: host is empty"],
		['host,name\na,"x', "2: a quotation mark is never closed"],
		['host,name\na,"x"y\nb,c', "2: there is text behind the quotation mark that ends a cell"],
		['host,name\na,x"y', "2: a quotation mark stands within a cell that does not begin with one"],
		['host,tags\na,"x,""y"', "2: tags: a quotation mark is never closed"],
	])("%j is told with its line", (text, problem) =>
		expect(parse("csv", text).problems).toEqual([expect.stringContaining(problem)]),
	)

	test("a cell of very many tags is read, without a throw", () => {
		expect(parse("csv", `host;tags\na;"${"x,".repeat(200_000)}"`)).toMatchObject({ said: [{ tags: ["x"] }] })
	})

	test("one bad row takes no other with it", () => {
		const { said, problems } = parse("csv", 'host,name\na,"x"y\nb,B\nc,"C"')
		expect(said.map(({ host }) => host)).toEqual(["b", "c"])
		expect(problems).toHaveLength(1)
	})
})

const INI = `mail.example ansible_user=support
[web]
web[01:03].example:2222 http_port=80 # the front
"quoted.example" ansible_host='10.0.0.9'
[2001:db8::1]:22
[db]
db-[a:b] ansible_become=yes ansible_become_method=doas
[south:children]
web
[south:vars]
ansible_user = south
ansible_ssh_private_key_file="/keys/a b"
[web:vars]
ansible_user=web
ansible_ssh_common_args='-o ProxyJump=u@gate:24'
[all:vars]
ansible_user=everybody
`

describe("an Ansible inventory, INI", () => {
	test("groups, children, ranges, variables with Ansible's precedence", () => {
		const { said, problems } = parse("ansible-ini", INI)
		const web = {
			...{ user: "web", jump: "u@gate:24", tags: ["south", "web"] },
			signIn: { method: "key", path: "/keys/a b" },
		}
		expect(problems).toEqual([])
		expect(said).toEqual([
			{ name: "mail.example", host: "mail.example", user: "support", tags: [] },
			...["01", "02", "03"].map((n) => ({ name: `web${n}.example`, host: `web${n}.example`, port: 2222, ...web })),
			{ name: "quoted.example", host: "10.0.0.9", ...web },
			{ name: "2001:db8::1", host: "2001:db8::1", port: 22, ...web },
			...["a", "b"].map((n) => ({
				...{ name: `db-${n}`, host: `db-${n}`, user: "everybody", become: "doas", tags: ["db"] },
			})),
		])
	})

	test.each([
		["a ansible_host='{{ ip }}'", '1: "a" is left out: ansible_host is a template, which is not understood here'],
		["a ansible_port=ssh", '1: "a" is left out: port "ssh" is no number'],
		["a ansible_connection=docker", '1: "a" is left out: it is reached by "docker", not by SSH'],
		["a ansible_become=maybe", '1: "a" is left out: "maybe" is neither yes nor no'],
		["a ansible_become=1 ansible_become_method=su", '1: "a" is left out: it becomes root by "su"; sudo and doas'],
		["a ansible_become=1 ansible_become_user=www", '1: "a" is left out: it becomes "www", not root'],
		["a ansible_ssh_common_args='-o ProxyCommand=x'", '1: "a" is left out: "-o ProxyCommand=x" is not understood'],
		["a ansible_ssh_args='-J gate -o X=y'", '1: "a" is left out: "-J gate -o X=y" is not understood'],
		["a ansible_ssh_args='-J x' ansible_ssh_common_args='-J y'", '1: "a" is left out: "-J y" is not understood'],
		["a ansible_ssh_args='-J x -J y'", '1: "a" is left out: "-J x -J y" is not understood'],
		...[
			...[
				"-J x stray",
				"-o Port=2",
				"-p 2",
				"-i /k",
				"-o 'ProxyCommand=ssh -W %h:%p'",
				"-o ProxyCommand=ssh",
				"-o",
				"-J",
			],
			...["-o 'ProxyCommand=ssh -W h:22 x'", "-o 'ProxyCommand=ssh -W %h:%p x y'", "-o 'ProxyCommand=ssh x'"],
			...[
				"-o 'ProxyCommand=ssh -W %h:%p $HOP'",
				"-o 'ProxyCommand=ssh -W %h:%p a,b@x'",
				"-o 'ProxyCommand=ssh -W %h:%p x | tee'",
				"-o 'ProxyCommand=nc -W %h:%p x'",
			],
			...[
				"-o 'ProxyCommand=ssh -W %h:%p -J y x'",
				"-o 'ProxyCommand=ssh -W %h:%p -o Port=2 x'",
				"-o HostName=b",
				"-q #x",
			],
		].map((args) => [`a ansible_ssh_args="${args}"`, '1: "a" is left out:']),
		["web[1:99999999]", '1: "web[1:99999999]" is left out: the range stands for more than 10000 hosts'],
		["a[1:200]b[1:200]", '1: "a[1:200]b[1:200]" is left out: the range stands for more than 10000 hosts'],
		["web[A:z]", '1: "web[A:z]" is left out: the range goes backwards'],
		["web[9:1]", '1: "web[9:1]" is left out: the range goes backwards'],
		["web[1:9", '1: "web[1:9" is left out: the range in brackets is not understood'],
		["[web:what]\na", '1: section "[web:what]" is not understood and is left out'],
		["a stray", '1: "stray" is no variable: name=value is needed'],
		["a x='open", "1: a quotation mark is never closed"],
	])("%j is told, never guessed", (text, problem) => {
		const { said, problems } = parse("ansible-ini", text)
		expect(problems).toEqual([expect.stringContaining(problem)])
		expect(said.filter(({ name }) => name === "a" && !/stray/.test(text))).toEqual([])
	})

	test.each([
		["-o StrictHostKeyChecking=no", undefined, "host keys are checked here as ever; .*: StrictHostKeyChecking$"],
		["-oUserKnownHostsFile=/dev/null", undefined, "host keys are checked here as ever; .*: UserKnownHostsFile$"],
		["-o 'ServerAliveInterval 30' -qCA", undefined, "passed over: ServerAliveInterval, -q, -C, -A$"],
		[
			"-o ProxyJump=u@gate:24 -o ControlMaster=auto -o ControlPersist=60s",
			"u@gate:24",
			"ControlMaster, ControlPersist$",
		],
		["-o LogLevel=ERROR -J gate,inner", "gate,inner", "passed over: LogLevel$"],
		["-o ProxyCommand='ssh -W %h:%p -q -p 24 u@gate'", "u@gate:24", "passed over: -q$"],
		["-o 'ProxyCommand=/usr/bin/ssh gate -l u -W [%h]:%p -i ~/.ssh/k'", "u@gate", "passed over: -i$"],
		["-o ProxyCommand='ssh -o StrictHostKeyChecking=no -W %h:%p -p 24 fe80::1'", "[fe80::1]:24", "host keys are"],
	])("options of ssh %s: passed over and told once, and the way is read", (args, jump, note) => {
		const { found, problems } = parseImport(`[all]\na\nb\n[all:vars]\nansible_ssh_common_args="${args}"`, "ansible-ini")
		expect(found.map(({ said }) => said)).toMatchObject([
			{ name: "a", ...(jump && { jump }) },
			{ name: "b", ...(jump && { jump }) },
		])
		expect(problems).toEqual([{ line: 5, text: expect.stringMatching(note), isNote: true }])
	})

	test.each(["-o ProxyJump=none", "-J None", "-o ProxyCommand=none"])("%s: straight there", (args) =>
		expect(parse("ansible-ini", `a ansible_ssh_args="${args}"`).said).toMatchObject([
			{ jump: /None/.test(args) ? "None" : "none" },
		]),
	)

	test("secrets are told and never taken over", () => {
		const { said, problems } = parse("ansible-ini", "a ansible_password=s3cret ansible_become_password=t0p")
		expect(said).toEqual([{ name: "a", host: "a", signIn: { method: "password" }, tags: [] }])
		expect(problems).toHaveLength(2)
		expect(JSON.stringify({ said, problems })).not.toMatch(/s3cret|t0p/)
	})

	test("a comment behind a group within another is none of its name; a mark within the name is", () => {
		const { said } = parse("ansible-ini", "[a]\nhost\n[b#1]\nother\n[south:children]\na  # the #first\nb#1 #x")
		expect(said.map(({ tags }) => tags)).toEqual([
			["south", "a"],
			["south", "b#1"],
		])
	})

	test("values are literals as Ansible reads them, and what is no literal keeps what looks like a comment", () => {
		const text = `a
b ansible_user="'quoted'" ansible_port='2201 # c'
[all:vars]
ansible_user='admin' # note
ansible_port=2222 # c
ansible_become=True#
ansible_ssh_private_key_file=/k # no comment`
		const signIn = { method: "key", path: "/k # no comment" }
		expect(parse("ansible-ini", text)).toMatchObject({
			said: [
				{ name: "a", user: "admin", port: 2222, become: "sudo", signIn },
				{ name: "b", user: "quoted", port: 2201, become: "sudo", signIn },
			],
			problems: [],
		})
	})

	test("of several names of one thing ssh's own counts, wherever it is said", () => {
		const text = `a ansible_host=h1 ansible_user=u1 ansible_port=1 ansible_private_key_file=/k1
[all:vars]
ansible_ssh_host=h2
ansible_ssh_user=u2
ansible_ssh_port=2
ansible_ssh_private_key_file=/k2`
		expect(parse("ansible-ini", text).said).toMatchObject([
			{ name: "a", host: "h2", user: "u2", port: 2, signIn: { path: "/k2" } },
		])
	})

	test("a priority that is no number is told", () => {
		const { problems } = parse("ansible-ini", "[a]\nb\n[a:vars]\nansible_group_priority=x")
		expect(problems).toEqual(['4: ansible_group_priority "x" is no number'])
	})

	test("a line that nobody wrote by hand is told, and takes no other with it", () => {
		expect(parse("ansible-ini", `a x=${"y".repeat(10_000)}\nb`)).toMatchObject({
			said: [{ name: "b" }],
			problems: ["1: the line is left out: it is longer than 10000 characters"],
		})
	})

	test.each<[string, string, (size: number, n: number) => string]>([
		["blanks behind a group", "[a:children]\n", (size) => `x${" ".repeat(size)}y`],
		["colons of an address", "", (size) => `[${":".repeat(size)}x]`],
		["blanks in options", "", (size, n) => `a${n} ansible_ssh_args="-o ProxyJump${" ".repeat(size)}'x"`],
	])("a long line of %s costs no more than its characters in short ones", (_, head, line) => {
		const spent = (many: number, size: number) => {
			const text = head + Array.from({ length: many }, (_, n) => line(size, n)).join("\n")
			const before = process.cpuUsage()
			parse("ansible-ini", text)
			const { user, system } = process.cpuUsage(before)
			return user + system
		}
		spent(100, 90)
		expect(spent(50, 9900)).toBeLessThan(5 * spent(50 * 100, 99))
	})

	test("groups in a circle end, and are told", () => {
		const { said, problems } = parse("ansible-ini", "[a:children]\nb\n[b:children]\na\n[b]\nhost")
		expect(said).toMatchObject([{ name: "host", tags: expect.arrayContaining(["a", "b"]) }])
		expect(problems).toEqual([expect.stringContaining("groups lead in a circle")])
	})
})

const YAML = `all:
  vars: {ansible_user: everybody}
  hosts:
    mail.example:
  children:
    web:
      hosts:
        web[01:02].example: {ansible_port: 2222, ansible_become: yes}
        __proto__: {ansible_host: proto.example}
    south:
      vars:
        ansible_ssh_private_key_file: ~/.ssh/id
      children:
        web:
`

describe("an Ansible inventory, YAML", () => {
	test("groups, children, ranges, names that mean something to JavaScript", () => {
		const { said, lines, problems } = parse("ansible-yaml", YAML)
		const web = {
			...{ user: "everybody", tags: ["south", "web"] },
			signIn: { method: "key", path: "~/.ssh/id" },
		}
		expect(problems).toEqual([])
		expect(said).toEqual([
			{ name: "mail.example", host: "mail.example", user: "everybody", tags: [] },
			...["01", "02"].map((n) => ({
				name: `web${n}.example`,
				host: `web${n}.example`,
				port: 2222,
				become: "sudo",
				...web,
			})),
			{ name: "__proto__", host: "proto.example", ...web },
		])
		expect(lines).toEqual([4, 8, 8, 9])
		expect({}).not.toHaveProperty("ansible_host")
	})

	test("a port behind a name is its port, as in the INI form; the host's own variable goes before it", () => {
		const text = `all:
  hosts:
    gate:2201: {ansible_host: 10.0.0.9}
    "[2001:db8::1]:22":
    web[1:2]:2202:
    own:1: {ansible_port: 2}
    2001:db8::2:`
		expect(parse("ansible-yaml", text)).toMatchObject({
			said: [
				{ name: "gate", host: "10.0.0.9", port: 2201 },
				{ name: "2001:db8::1", host: "2001:db8::1", port: 22 },
				{ name: "web1", port: 2202 },
				{ name: "web2", port: 2202 },
				{ name: "own", port: 2 },
				{ name: "2001:db8::2", host: "2001:db8::2" },
			],
			problems: [],
		})
	})

	test.each([
		["all: {hosts: {a: {ansible_user: !vault x}}}", '1: "a" is left out: ansible_user is in a vault'],
		["all: {hosts: {a: {ansible_user: [x]}}}", '1: "a" is left out: ansible_user is no text'],
		["all: {hosts: {a: {ansible_host: '{{ x }}'}}}", '1: "a" is left out: ansible_host is a template'],
		[
			`all: {hosts: {a: {ansible_user: ${"x".repeat(10_001)}}}}`,
			'1: "a" is left out: ansible_user is longer than 10000',
		],
		["all:\n  hosts: [a]", '2: hosts of "all" is no mapping and is left out'],
		["all:\n  host: {a: }", '2: "host" of group "all" is neither hosts, vars nor children'],
		["- a", "1: it is no inventory"],
		["x,".repeat(200_000), "-: it has more than 100000 lines and commas"],
		["all: [", "1: Flow sequence"],
		["[".repeat(100_000), "-: it is nested deeper than 200 levels"],
		["- ".repeat(100_000), "-: it is nested deeper than 200 levels"],
	])("case %$ is told, never guessed", (text, problem) => {
		const { said, problems } = parse("ansible-yaml", text)
		expect(problems[0]).toContain(problem)
		expect(said).toEqual([])
	})

	test("of a key that stands twice the later one counts, as for Ansible, and it is told", () => {
		const { said, problems } = parse(
			"ansible-yaml",
			"all:\n  hosts:\n    a: {ansible_port: 1}\n    a: {ansible_user: me}",
		)
		expect(said).toEqual([{ name: "a", host: "a", user: "me", tags: [] }])
		expect(problems).toEqual(['4: "a" stands twice, and only this one counts'])
	})

	test("what another mapping would bring in is told, never guessed", () => {
		const { problems } = parse("ansible-yaml", "all:\n  hosts:\n    a:\n      <<: {ansible_user: me}")
		expect(problems).toEqual(["4: `<<` is not followed: what it would bring in is left out"])
	})

	test("ten thousand hosts cost time in proportion", () => {
		const hosts = (many: number) => Array.from({ length: many }, (_, n) => `    h${n}.test:\n      ansible_port: 22\n`)
		const spent = (many: number) => {
			const before = process.cpuUsage()
			expect(parse("ansible-yaml", `all:\n  hosts:\n${hosts(many).join("")}`).said).toHaveLength(many)
			const { user, system } = process.cpuUsage(before)
			return user + system
		}
		spent(500)
		expect(spent(10_000)).toBeLessThan(60 * spent(1000))
	})

	test("options of ssh that a group says cost no more for being long", () => {
		const spent = (flags: number) => {
			const args = ["ssh_args", "ssh_common_args", "ssh_extra_args"].map((v) => `ansible_${v}: ${"-q ".repeat(flags)}`)
			const before = process.cpuUsage()
			const { said } = parse("ansible-yaml", `all:\n  hosts: {"h[1:2000]": }\n  vars: {${args.join(", ")}}`)
			const { user, system } = process.cpuUsage(before)
			expect(said).toHaveLength(2000)
			return user + system
		}
		spent(1)
		expect(spent(1300)).toBeLessThan(10 * spent(1))
	})

	test("options of ssh that nobody wrote by hand are told, and not read", () => {
		const text = `all: {hosts: {a: {ansible_ssh_args: ${"-q ".repeat(1400)}}, b: }}`
		expect(parse("ansible-yaml", text)).toMatchObject({
			said: [{ name: "b" }],
			problems: ['1: "a" is left out: options of ssh are longer than 4000 characters'],
		})
	})

	test("aliases of aliases, which would be millions, end", () => {
		const bomb = [
			"x0: &x0 {hosts: {a: }}",
			...Array.from({ length: 25 }, (_, n) => `x${n + 1}: &x${n + 1} {children: {l: *x${n}, r: *x${n}}}`),
		]
		const { problems } = parse("ansible-yaml", bomb.join("\n"))
		expect(problems).toContain("-: more than 100000 values; the rest is left out")
	})
})

test.each<[TextFormat, (vars: string[]) => string]>([
	["ansible-ini", (vars) => `[all]\nh[1:3000]\n[all:vars]\n${vars.map((name) => `${name}=x`).join("\n")}`],
	["ansible-ini", (vars) => `h[1:3000] ${vars.map((name) => `${name}=x`).join(" ")}`],
	[
		"ansible-yaml",
		(vars) => `all:\n  hosts: {"h[1:3000]": }\n  vars: {${vars.map((name) => `${name}: x`).join(", ")}}`,
	],
	["ansible-yaml", (vars) => `all: {hosts: {"h[1:3000]": {${vars.map((name) => `${name}: x`).join(", ")}}}}`],
])("case %$: variables that say nothing here are not carried by every host (%s)", (format, text) => {
	const vars = (many: number) => Array.from({ length: many }, (_, n) => `v${n}`)
	const set = vi.spyOn(Map.prototype, "set")
	const sets = (many: number) => {
		set.mockClear()
		expect(parse(format, text(vars(many)))).toMatchObject({ problems: [], said: { length: 3000 } })
		return set.mock.calls.length
	}
	try {
		expect(sets(200) - sets(100)).toBeLessThan(3000)
	} finally {
		set.mockRestore()
	}
})

test.each([
	["a", ["a"]],
	["a[1:3]", ["a1", "a2", "a3"]],
	["a[08:10].x", ["a08.x", "a09.x", "a10.x"]],
	["a[1:9:4]", ["a1", "a5", "a9"]],
	["a[:2]", ["a0", "a1", "a2"]],
	["[y:B]", ["y", "z", "A", "B"]],
	["[a:c][1:2]", ["a1", "a2", "b1", "b2", "c1", "c2"]],
])("the range %s", (pattern, hosts) => expect(expandHosts(pattern)).toEqual(hosts))

test.each([
	["name,host\n", undefined, "csv"],
	["name;host\n", undefined, "csv"],
	["# ours\n[web]\n", undefined, "ansible-ini"],
	["web1 ansible_user=x\n", undefined, "ansible-ini"],
	["---\n# ours\nall:\n  hosts:\n", undefined, "ansible-yaml"],
	["anything", "hosts.yml", "ansible-yaml"],
	["anything", "fleet.CSV", "csv"],
	["anything", "hosts", "ansible-ini"],
])("the format of %j in %s", (text, name, format) => expect(formatOf(text, name)).toBe(format))

test.each([
	["[1:1]".repeat(5), "it has more than 4 ranges"],
	["[1:1]".repeat(400_000), "it is longer than 300 characters"],
	[`${"x".repeat(300)}[1:9]`, "it is longer than 300 characters"],
	["[0:999999999][0:999999999][0:999999999][0:999999999]", "the range stands for more than 10000 hosts"],
	["a[b]c[1:2]", "the range in brackets is not understood: [01:50] or [a:f]"],
])("case %$ of a range is told before anything is made of it", (pattern, why) => expect(expandHosts(pattern)).toBe(why))

test("the ranges of a pattern are counted before any of their names is made", () => {
	const made = vi.spyOn(Array, "from")
	try {
		expect(expandHosts("[1:9999][1:9999][1:9999]")).toMatch(/more than 10000/)
		expect(made).not.toHaveBeenCalled()
	} finally {
		made.mockRestore()
	}
})
