import { expect, test } from "vitest"
import { createNodeHost } from "../../../../core/engine/node-host/node-host.ts"
import { makeFreshStartsHost } from "../../../../core/runner/failed-starts.ts"

const unit = (id: string, changedAt: number) => `Id=${id}\nStateChangeTimestampMonotonic=${changedAt}`

test.each([
	["none has changed", [unit("old.service", 999)], undefined],
	[
		"some have",
		[unit("old.service", 5), unit("web.service", 1000), unit("a b@\\x2d.socket", 1001)],
		"web.service a b@\\x2d.socket",
	],
	["systemd cannot be asked", [""], undefined],
	["it says something else", ["Id=web.service", "StateChangeTimestampMonotonic=2000", "nonsense"], undefined],
])("units that may be started again when %s", async (_, shown, reset) => {
	const told: string[] = []
	const host = makeFreshStartsHost(
		{
			...createNodeHost(),
			run: async (program, args) => {
				told.push([program, ...args].join(" "))
				return { exit: 0, stdout: `${shown.join("\n\n")}\n`, stderr: "" }
			},
		},
		() => 1000,
	)
	await host.forgetFailedStarts?.()
	expect(told.slice(1)).toEqual(reset === undefined ? [] : [`systemctl reset-failed -- ${reset}`])
})
