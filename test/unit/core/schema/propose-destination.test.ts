import { expect, test } from "vitest"
import { findingsOf } from "../../../../core/schema/module-index.ts"
import { proposeDestination } from "../../../../core/schema/propose-destination.ts"

const web = [
	{ target: "src/components/auth/auth.tsx", destination: "/var/www/homeserver/src/components/auth/auth.tsx" },
	{ target: "src/sshd/sshd_config", destination: "/etc/ssh/sshd_config" },
]
const flat = [
	{ target: "src/a.conf", destination: "/etc/app/a.conf" },
	{ target: "b.conf", destination: "/etc/app/b.conf" },
]

const rows: [path: string, known: typeof web, proposed: string | undefined][] = [
	// The path itself says it.
	["etc/nginx/sites-enabled/default", [], "/etc/nginx/sites-enabled/default"],
	["rootfs/etc/nginx/nginx.conf", [], "/etc/nginx/nginx.conf"],
	["usr/local/bin/backup.sh", [], "/usr/local/bin/backup.sh"],
	["dump/var/www/site/index.html", web, "/var/www/site/index.html"],
	["opt/app/run.sh", [], "/opt/app/run.sh"],
	["root/.bashrc", [], "/root/.bashrc"],
	// Ordinary words of programs are no roots.
	["project/packages/opt/index.js", [], undefined],
	["app/usr/index.js", [], undefined],
	["app/var/data.json", [], undefined],
	["root/index.js", [], undefined],
	["etc", [], undefined],
	// As the module's other files.
	["components/auth/auth.tsx", web, "/var/www/homeserver/src/components/auth/auth.tsx"],
	["components/auth/login.tsx", web, "/var/www/homeserver/src/components/auth/login.tsx"],
	["components/shop/cart.tsx", web, "/var/www/homeserver/src/components/shop/cart.tsx"],
	["homeserver/src/components/auth/x.tsx", web, "/var/www/homeserver/src/components/auth/x.tsx"],
	["sshd/moduli", web, "/etc/ssh/moduli"],
	["new.conf", flat, "/etc/app/new.conf"],
	["new.conf", [...flat, { target: "c.conf", destination: "/etc/other/c.conf" }], undefined],
	["new.conf", web, undefined],
	["elsewhere/new.tsx", web, undefined],
	// The same file goes where it goes, unless two places are named.
	["a.conf", flat, "/etc/app/a.conf"],
	["src/a.conf", flat, "/etc/app/a.conf"],
	[
		"x/y.ini",
		[
			{ target: "x/y.ini", destination: "/a/y" },
			{ target: "x/y.ini", destination: "/b/y" },
		],
		undefined,
	],
	// Names that lie at one place everywhere.
	["nginx.conf", [], "/etc/nginx/nginx.conf"],
	["Downloads/daemon.json", [], "/etc/docker/daemon.json"],
	["web.service", [], "/etc/systemd/system/web.service"],
	["backup@.timer", [], "/etc/systemd/system/backup@.timer"],
	["constructor", [], undefined],
	["index.html", [], undefined],
	// Nothing silly.
	["", [], undefined],
	["../etc/passwd", [], undefined],
	["etc/../x", [], undefined],
	["a.conf", [{ target: "a.conf", destination: "relative/a.conf" }], undefined],
	["a.conf", [{ target: "a.conf", destination: "/proc/a.conf" }], undefined],
	["b.conf", [{ target: "a.conf", destination: "/a/../b/a.conf" }], undefined],
	[
		"a.conf",
		[
			{ target: "a.conf", destination: "opt/etc/a.conf" },
			{ target: "a.conf", destination: "/srv/a.conf" },
		],
		"/srv/a.conf",
	],
	// The one that repeats more of the path.
	[
		"conf/app/x.ini",
		[
			{ target: "one", destination: "/opt/app/one" },
			{ target: "two", destination: "/data/conf/app/two" },
		],
		"/data/conf/app/x.ini",
	],
	["b", [{ target: "a", destination: "/a" }], undefined],
]

test.each(rows)("%j is proposed as it should be (%#)", (path, known, proposed) => {
	expect(proposeDestination(path, known)).toBe(proposed)
})

test("what is proposed has no fault", () => {
	const destinations = rows.flatMap(([path, known]) => proposeDestination(path, known) ?? [])
	expect(destinations.length).toBeGreaterThan(10)
	for (const destination of destinations) {
		const pools = [{ id: "a", description: "", operations: [{ target: "src/a", destination }], closure: ["true"] }]
		const text = JSON.stringify({ metadata: { schema_version: "1.0.0", description: "" }, pools })
		expect(findingsOf(text).filter(({ severity }) => severity === "fault")).toEqual([])
	}
})
