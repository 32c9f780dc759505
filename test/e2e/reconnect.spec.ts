import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { WebSocketRoute } from "@playwright/test"
import { expect, test } from "./app.ts"
import { AppliancesPage } from "./pages/appliances-page.ts"
import { LivePage } from "./pages/live-page.ts"
import { RunPage } from "./pages/run-page.ts"
import { Shell } from "./pages/shell.ts"

test("the connection to the program cut in the middle of a run: said calmly, then everything is there, once", async ({
	app,
	page,
	complaints,
}) => {
	const open = new Set<WebSocketRoute>()
	let cut = false
	await page.routeWebSocket(/\/rpc/, (socket) => {
		if (cut) return void socket.close()
		open.add(socket)
		socket.connectToServer()
	})
	const shell = new Shell(page)
	const run = new RunPage(page)
	const live = new LivePage(page)
	const count = "for i in $(seq 1 50); do echo tick $i end; sleep 0.1; done"
	const operations = [{ target: "src/note.txt", destination: "/srv/note.txt" }]
	const index = { metadata: { schema_version: "1.0.0" }, pools: [{ id: "slow", operations, closure: [count] }] }
	await mkdir(join(app.folder, "slow/src"), { recursive: true })
	await writeFile(join(app.folder, "slow/index.json"), JSON.stringify(index))
	await writeFile(join(app.folder, "slow/src/note.txt"), "hello\n")

	await shell.open(app.url)
	await new AppliancesPage(page).addDemo()
	await run.closeModule()
	await run.openModule(join(app.folder, "slow"))
	await run.appliance("Demo: changed by its owner").uncheck()
	await run.appliance("Demo: switched off").uncheck()
	await run.start()
	await expect(live.output(count)).toContainText("tick 3 end", { timeout: 60_000 })

	cut = true
	for (const socket of open) await socket.close()
	await expect(shell.banner).toBeVisible()
	await page.waitForTimeout(1500)
	cut = false
	await expect(shell.banner).toBeHidden()
	await expect(page.getByText(/1 pool applied/)).toBeVisible({ timeout: 60_000 })
	await live.expand("slow")
	const command = live.pool("slow").getByRole("button", { name: count })
	if ((await command.getAttribute("aria-expanded")) === "false") await command.click()
	await expect(page.getByText("50 lines", { exact: true })).toBeVisible()
	// Chromium logs the connections that were refused.
	expect(complaints.splice(0).filter((text) => !text.includes("WebSocket"))).toEqual([])
})
