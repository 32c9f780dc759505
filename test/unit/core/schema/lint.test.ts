import { describe, expect, test } from "vitest"
import { printPath } from "../../../../core/schema/json-text.ts"
import { lintModule } from "../../../../core/schema/lint.ts"
import { moduleSchema } from "../../../../core/schema/module.ts"
import { findingsOf } from "../../../../core/schema/module-index.ts"
import { simpleCommands } from "../../../../core/schema/shell-words.ts"

const makeModule = (pool: object = {}, finalClosure: string[] = []) =>
	moduleSchema.parse({
		metadata: { schema_version: "1.0.0" },
		pools: [
			{ id: "p", operations: [{ target: "a", destination: "/srv/a" }], closure: ["systemctl restart x"], ...pool },
		],
		finalClosure,
	})
const advice = (pool?: object, finalClosure?: string[]) =>
	lintModule(makeModule(pool, finalClosure)).map(({ rule, path }) => `${rule} ${printPath(path)}`)
/** Rules that one command in a closure of two raises. */
const rulesOf = (command: string) =>
	advice({ closure: [command, "systemctl restart x"], confirmSeconds: 60 }).map((line) => {
		expect(line).toMatch(/ \$\.pools\[0\]\.closure\[0\]$/)
		return line.split(" ")[0]
	})

describe("one command", () => {
	const rows: [command: string, ...rules: string[]][] = [
		["npm build", "npm-build"],
		["cd /a && npm build", "npm-build"],
		["sudo NODE_ENV=production npm --prefix /a build", "npm-build"],
		["npm -C /a build", "npm-build"],
		["npm run build"],
		["npm run-script build"],
		["npm ci && npm test"],
		["npm --prefix build ci"],
		["echo npm build"],
		["echo 'a; npm build'"],
		["apt install nginx", "apt-asks"],
		["apt-get update && apt-get upgrade", "apt-asks"],
		["DEBIAN_FRONTEND=noninteractive apt-get remove x", "apt-asks"],
		["apt-get install -y nginx"],
		["apt-get -qy install nginx"],
		["apt-get -qq install nginx"],
		["apt-get install --yes nginx"],
		["apt-get -s upgrade"],
		["apt-get update"],
		["apt-cache show nginx"],
		["vim /etc/hosts", "command-waits-for-a-person"],
		["crontab -e", "command-waits-for-a-person"],
		["crontab -l"],
		["systemctl edit nginx", "command-waits-for-a-person"],
		["visudo", "command-waits-for-a-person"],
		["visudo -cf /etc/sudoers"],
		["passwd admin", "command-waits-for-a-person"],
		["passwd -l admin"],
		["journalctl -fu nginx", "command-never-ends"],
		["tail -f /var/log/x", "command-never-ends"],
		["watch ls", "command-never-ends"],
		["journalctl -u nginx -n 5"],
		["tail -n 5 /var/log/x"],
		["reboot", "restarts-the-appliance"],
		["systemctl reboot", "restarts-the-appliance"],
		["if test -f /run/x; then shutdown -r now; fi", "restarts-the-appliance"],
		["shutdown -c"],
		["systemctl restart reboot-notifier"],
	]
	test.each(rows)("%s", (command, ...rules) => expect(rulesOf(command)).toEqual(rules))
})

describe("lists", () => {
	test("a cd at the end of a closure, of the checks or of the final closure has no effect", () => {
		expect(advice({ closure: ["make", "cd /a"], checks: ["cd /b"] }, ["cd /c"])).toEqual([
			"cd-without-effect $.pools[0].checks[0]",
			"cd-without-effect $.pools[0].closure[1]",
			"cd-without-effect $.finalClosure[0]",
		])
	})

	test("a cd that something follows is as it should be", () => {
		expect(advice({ closure: ["cd /a", "make"], checks: ["cd /b && ls"] }, ["cd /c", "cd /d; ls"])).toEqual([])
	})

	test.each([[["true"]], [["echo done"]], [["systemctl restart x || true"]], [["cd /a", ": nothing", "make ||  :  "]]])(
		"a closure that cannot fail proves nothing: %j",
		(closure) => {
			expect(advice({ closure })).toEqual(["closure-proves-nothing $.pools[0].closure"])
		},
	)

	test.each([[["systemctl restart x || true", "curl -f localhost"]], [["cd /a", "make"]], [["test -s /srv/a"]]])(
		"a closure that can fail is as it should be: %j",
		(closure) => expect(advice({ closure })).toEqual([]),
	)
})

describe("units", () => {
	const unit = (destination: string, closure: string[]) =>
		advice({ operations: [{ target: "a", destination }], closure })
	test.each(["/etc/systemd/system/x.service", "/lib/systemd/system/x.timer", "/etc/systemd/system/x.service.d/a.conf"])(
		"%s needs a daemon-reload",
		(destination) => {
			expect(unit(destination, ["systemctl restart x"])).toEqual([
				"daemon-reload-missing $.pools[0].operations[0].destination",
			])
			expect(unit(destination, ["systemctl daemon-reload", "systemctl restart x"])).toEqual([])
		},
	)
	test("another file does not", () => expect(unit("/etc/x/system/x.conf", ["systemctl restart x"])).toEqual([]))
})

describe("what can lock the engineer out", () => {
	const destinations = [
		...["/etc/ssh/sshd_config", "/etc/pam.d/sshd", "/etc/sudoers", "/etc/sudoers.d/ops", "/etc/network/interfaces"],
		...[
			"/etc/netplan/01.yaml",
			"/etc/systemd/network/eth0.network",
			"/etc/NetworkManager/conf.d/a",
			"/etc/nftables.conf",
		],
		...[
			"/etc/iptables/rules.v4",
			"/etc/ufw/user.rules",
			"/root/.ssh/authorized_keys",
			"/home/eve/.ssh/authorized_keys",
		],
		...[
			"/usr/sbin/sshd",
			"/etc/shadow",
			"/lib/x86_64-linux-gnu/security/pam_unix.so",
			"/etc/systemd/system/ssh.service.d/a.conf",
		],
	]
	test.each(destinations)("destination %s", (destination) => {
		const pool = { operations: [{ target: "a", destination }], closure: ["systemctl daemon-reload", "make"] }
		expect(advice(pool)).toEqual(["confirm-seconds-missing $.pools[0].operations[0].destination"])
		expect(advice({ ...pool, confirmSeconds: 60 })).toEqual([])
	})
	test.each([
		"/etc/sshguard/x",
		"/srv/etc/ssh/a",
		"/home/eve/ssh/a",
		"/etc/networks.d/a",
		"/etc/systemd/system/sshfs-data.mount.txt",
	])("not destination %s", (destination) => expect(advice({ operations: [{ target: "a", destination }] })).toEqual([]))

	const commands = [
		...[
			"systemctl restart ssh",
			"systemctl reload sshd.service",
			"service networking restart",
			"nft -f /etc/nftables.conf",
		],
		...["iptables -A INPUT -j DROP", "/sbin/iptables-restore < /etc/x", "ufw enable", "ifdown eth0 && ifup eth0"],
		...[
			"ip link set eth0 down",
			"ip -4 addr add 10.0.0.2/24 dev eth0",
			"netplan apply",
			"systemctl stop systemd-networkd",
		],
		...["firewall-cmd --reload", "nmcli con up lan", "networkctl reload"],
	]
	test.each(commands)("command %s", (command) => {
		expect(advice({ closure: ["make", command] })).toEqual(["confirm-seconds-missing $.pools[0].closure[1]"])
		expect(advice({ closure: ["make", command], confirmSeconds: 30 })).toEqual([])
	})
	const harmless = [
		...["systemctl restart homeserver", "systemctl is-active ssh", "systemctl status networking", "service ssh status"],
		...[
			"nft list ruleset",
			"nft -c -f /etc/nftables.conf",
			"iptables -L -n",
			"iptables -nvL",
			"ufw status",
			"ip addr show",
		],
		...[
			"ip route",
			"netplan get",
			"sshd -t",
			"systemctl restart ssh-notifier",
			"firewall-cmd --state",
			"nmcli device status",
		],
	]
	test.each(harmless)("not command %s", (command) => expect(advice({ closure: ["make", command] })).toEqual([]))
	test("nothing in the checks, which only read", () =>
		expect(advice({ checks: ["systemctl restart ssh"] })).toEqual([]))
})

test("advice comes among the findings, as warnings with their place", () => {
	const text =
		'{"metadata": {"schema_version": "1.0.0"},\n"pools": [{"id": "p", "closure": ["npm build"],\n"operations": [{"target": "a", "destination": "/etc/ssh/a"}]}]}'
	expect(findingsOf(text).map(({ severity, rule, line, column }) => `${line}:${column} ${severity} ${rule}`)).toEqual([
		"2:35 warning npm-build",
		"3:47 warning confirm-seconds-missing",
	])
})

const lines: [line: string, commands: string[][]][] = [
	[
		"cd /a && npm run build",
		[
			["cd", "/a"],
			["npm", "run", "build"],
		],
	],
	["a | b;c & d", [["a"], ["b"], ["c"], ["d"]]],
	["FOO=1 BAR='x y' make all", [["make", "all"]]],
	["echo 'a && b' \"c;d\" e\\ f", [["echo", "a && b", "c;d", "e f"]]],
	["if a; then b; fi", [["a"], ["b"], ["fi"]]],
	["(cd /x; make)", [["cd", "/x"], ["make"]]],
	["x=$(npm build)", [["npm", "build"]]],
	["a 2>&1 >b", [["a", "2>&1", ">b"]]],
	["echo 'never closed && b", [["echo", "'never", "closed"], ["b"]]],
	["", []],
	["  \n\t", []],
]
test.each(lines)("the commands in %j", (line, commands) => expect(simpleCommands(line)).toEqual(commands))

test("a hostile line takes no time", () => {
	const started = performance.now()
	for (const part of ["'\"\\", '"\\', "((((", "a=", "\\"]) simpleCommands(part.repeat(1_000_000))
	expect(performance.now() - started).toBeLessThan(2000)
})
