import fc from "fast-check"
import { expect, test } from "vitest"
import { needsOf } from "../../../../core/schema/appliance-commands.ts"
import { moduleSchema } from "../../../../core/schema/module.ts"
import { readShellLine } from "../../../../core/schema/shell-commands.ts"

const makeModule = (pools: object[], finalClosure: string[] = []) =>
	moduleSchema.parse({ metadata: { schema_version: "1.0.0" }, pools, finalClosure })
const makePool = (pool: object) => ({ id: "p", operations: [{ target: "a", destination: "/srv/mine" }], ...pool })

/** What a closure needs: `foo` a program, `foo.service` a unit. */
const needs = (closure: string[], pool: object = {}) => {
	const module = makeModule([makePool({ closure, ...pool })])
	return needsOf(module, module.pools, ["/usr/sbin", "/usr/bin"]).map(({ name }) => name)
}

const rows: [command: string, ...needs: string[]][] = [
	["foo", "foo"],
	["foo -x bar", "foo"],
	["a && b; c | d & e", "a", "b", "c", "d", "e"],
	["a\nb", "a", "b"],
	["a \\\n b", "a"],
	["(a && b)", "a", "b"],
	["{ a; b; }", "a", "b"],
	["A=1 B='x y' foo", "foo"],
	['A=$(date) B="$X" foo', "foo"],
	["'foo' \"ba\"r", "foo"],
	["fo\\o", "foo"],
	["foo >/dev/null 2>&1 </x", "foo"],
	["2>x foo", "foo"],
	["foo &>> x; bar", "foo", "bar"],
	["foo > >(tee x)", "foo"],
	["diff <(a) <(b)", "diff"],
	["foo # bar; baz", "foo"],
	["foo a#b; bar", "foo", "bar"],
	["echo 'a; b' \"c && d\" e\\;f"],
	["cd /x && test -f y && [ -f z ] && true && : && export A=1 && wait"],
	["[[ -f a && b -nt c || d ]] && foo", "foo"],
	['echo \u0024{A:-b;c} $(d; e) `f; g` "$(h ")" i)"; foo', "foo"],
	["for i in a b; do foo $i; done", "foo"],
	["if a; then b; elif c; then d; else e; fi", "b", "d", "e"],
	["while a; do b; done", "b"],
	["! a"],
	["a || b", "b"],
	["a && b || c", "c"],
	["a; b || c", "a", "c"],
	["time foo", "foo"],
	["f() { a; }; f x", "a"],
	["function f { a; }; f", "a"],
	["alias ll=foo; ll"],
	["$FOO bar"],
	["\u0024{FOO}/bin/bar"],
	["/opt/*/bin/foo"],
	["~/bin/foo"],
	["case x in a) foo;; esac"],
	["(( a + b )); foo"],
	["cat <<END\nfoo\nEND"],
	["echo 'open"],
	["a=(b c)"],
	["sudo foo", "sudo", "foo"],
	["sudo -n -u www-data -- A=1 foo", "sudo", "foo"],
	["sudo --user=x foo", "sudo", "foo"],
	["sudo -i foo", "sudo"],
	["env -i -u B A=1 foo", "env", "foo"],
	["env -S 'a b'", "env"],
	["nice -n 5 nohup timeout -k 3 30 foo", "nice", "nohup", "timeout", "foo"],
	["exec foo", "foo"],
	["command -p foo", "foo"],
	["command -v foo && foo"],
	["which foo; foo", "which"],
	["/usr/bin/foo", "/usr/bin/foo"],
	["/opt/x/foo", "/opt/x/foo"],
	["./foo"],
	["foo; /opt/x/bar", "foo"],
	["cp /tmp/foo /usr/bin/; foo", "cp"],
	["apt-get install -y foo; foo", "apt-get"],
	["pip3 install x && foo", "pip3"],
	["npm install -g foo && bar", "npm"],
	["npm ci && foo", "npm", "foo"],
	["bash x.sh; foo", "bash"],
	["bash -n x.sh; foo", "bash", "foo"],
	["python3 -m py_compile x && foo", "python3", "foo"],
	["python3 -m pip install x && foo", "python3"],
	["/opt/x/setup && foo", "/opt/x/setup"],
	["PATH=/x foo"],
	["export PATH=$PATH:/x; foo"],
	["source ~/.nvm/nvm.sh; foo"],
	["eval x; foo"],
	["systemctl restart a", "systemctl", "a.service"],
	["sudo -n systemctl --no-block restart a b.socket c@1", "sudo", "systemctl", "a.service", "b.socket", "c@1.service"],
	["systemctl is-active --quiet a.timer", "systemctl", "a.timer"],
	["systemctl -q enable --now a", "systemctl", "a.service"],
	["systemctl daemon-reload", "systemctl"],
	["systemctl --user restart a", "systemctl"],
	["systemctl -M x restart a", "systemctl"],
	["systemctl restart a.mount 'b*' $C", "systemctl"],
	["systemctl restart a || true"],
	["systemctl mask a", "systemctl"],
	["systemctl link /srv/x.service; systemctl start x", "systemctl"],
	["ln -s /srv/x.service /etc/systemd/system/; systemctl start y", "ln"],
	["service a reload", "service", "a.service"],
	["service --status-all", "service"],
	["cd /var/www/homeserver; systemctl restart homeserver", "systemctl", "homeserver.service"],
	["curl -f http://localhost/a && a", "curl", "a"],
	["__proto__; constructor", "__proto__", "constructor"],
]
test.each(rows)("%s", (command, ...expected) => expect(needs([command])).toEqual(expected))

test("what the module brings is not missed", () => {
	const operations = ["/usr/bin/foo", "/etc/systemd/system/a.service", "/etc/containers/systemd/b.container"]
	const pool = { operations: operations.map((destination) => ({ target: "a", destination })) }
	expect(needs(["foo", "systemctl restart a", "systemctl start b", "systemctl start c"], pool)).toEqual([
		"systemctl",
		"systemctl",
		"systemctl",
		"c.service",
	])
})

test("what a shell redefines ends with its list, what was installed stays", () => {
	const list = (closure: string[], checks: string[] = []) => needs(closure, { checks })
	expect(list(["foo"], ["source x", "bar"])).toEqual(["foo"])
	expect(list(["foo"], ["apt-get install -y foo"])).toEqual(["apt-get"])
	expect(list(["case x in a) b;; esac", "foo"])).toEqual([])
})

test("places, the order of a run, and only the pools that run", () => {
	const module = makeModule(
		[makePool({ checks: ["a"], closure: ["b", "c && d"] }), makePool({ closure: ["e"] })],
		["f"],
	)
	const places = (pools: typeof module.pools) =>
		needsOf(module, pools, []).map(({ name, path }) => `${name} ${path.join(".")}`)
	const first = ["a pools.0.checks.0", "b pools.0.closure.0", "c pools.0.closure.1", "d pools.0.closure.1"]
	expect(places(module.pools)).toEqual([...first, "e pools.1.closure.0", "f finalClosure.0"])
	expect(places(module.pools.slice(1))).toEqual(["e pools.1.closure.0", "f finalClosure.0"])
})

test("any text is read or given up, in no time", () => {
	const piece = fc.constantFrom(
		..."a ; & | ( ) { } ' \" \\ $ $( ${ ` < > << # \n [[ ]] if then ! case = * sudo -".split(" "),
		" ",
	)
	fc.assert(
		fc.property(
			fc.oneof(
				fc.string(),
				fc.array(piece, { maxLength: 40 }).map((all) => all.join("")),
			),
			(line) => {
				for (const { words } of readShellLine(line)?.commands ?? [])
					expect(words.length).toBeLessThanOrEqual(line.length)
				needs([line, "foo"])
			},
		),
		{ numRuns: 3000 },
	)
	for (const long of ["\u0024{", "(", "$(", '"$(', "`", "a ", "'", "\\", "{ ", "&& "]) {
		const start = performance.now()
		needs([long.repeat(10_000 / long.length)])
		expect(performance.now() - start).toBeLessThan(2000)
	}
})
