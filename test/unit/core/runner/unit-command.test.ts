import { expect, test } from "vitest"
import { makeUnitCommand } from "../../../../core/runner/jobs/unit-command.ts"

test("a worker as a unit of systemd", () => {
	const worker = ["/usr/bin/node", "/var/lib/hotfix/runners/a.cjs", "worker", "--run", "r1"]
	const environment = { PATH: "/usr/bin:/bin", HOME: "/root", AWS_SECRET: "no", LANG: "C" }
	expect(makeUnitCommand("r1", worker, "/var/lib/hotfix/requests/r1.output", environment)).toEqual([
		"systemd-run",
		"--quiet",
		"--collect",
		"--unit=hotfix-run-r1.service",
		"--property=StandardOutput=file:/var/lib/hotfix/requests/r1.output",
		"--property=StandardError=file:/var/lib/hotfix/requests/r1.output",
		"--property=Type=exec",
		"--property=KillMode=process",
		"--property=OOMPolicy=continue",
		"--property=SuccessExitStatus=1 2 3 4 5",
		"--property=IgnoreSIGPIPE=no",
		"--setenv=PATH=/usr/bin:/bin",
		"--setenv=HOME=/root",
		"--setenv=LANG=C",
		"--",
		...worker,
	])
})

const SUCCESS = "SuccessExitStatus=1 2 3 4 5"
test.each([
	[239, ["KillMode=process", "IgnoreSIGPIPE=no"]],
	[241, ["Type=exec", "KillMode=process", SUCCESS, "IgnoreSIGPIPE=no"]],
	[252, ["Type=exec", "KillMode=process", "OOMPolicy=continue", SUCCESS, "IgnoreSIGPIPE=no"]],
])("systemd %i gets what it knows", (version, known) => {
	const command = makeUnitCommand("r1", ["worker"], "/output", {}, version)
	const properties = command.filter((word) => word.startsWith("--property=") && !word.includes("Standard"))
	expect(properties).toEqual(known.map((property) => `--property=${property}`))
})
