import { randomBytes } from "node:crypto"
import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { hotfix, makeModule } from "../support/hotfix.ts"
import { enlist, expect, obstacle, test } from "./lab.ts"
import { look } from "./look.ts"
import { AppliancesPage } from "./pages/appliances-page.ts"
import { HistoryPage } from "./pages/history-page.ts"
import { LivePage } from "./pages/live-page.ts"
import { RunPage } from "./pages/run-page.ts"
import { Shell } from "./pages/shell.ts"

const fixture = "homeserver/spec-example"
const example = join(import.meta.dirname, "../fixtures/modules", fixture)
const site = "var/www/homeserver"

test.skip(obstacle !== undefined, obstacle)

test("the specification's example: applied on one appliance, put back where the customer's page breaks", async ({
	app,
	page,
	boot,
	lab,
}) => {
	test.setTimeout(480_000)
	const [alpha, beta] = await Promise.all([
		boot("as-delivered"),
		boot("customised", { arrange: (root) => changePage(join(root, site)) }),
	])
	await beta.execOk(`cd /${site} && npm run build && systemctl restart homeserver`)
	const header = await readFile(join(beta.rootPath, site, "src/components/header.tsx"), "utf8")
	await enlist(app, lab, [alpha, beta])
	const shell = new Shell(page)
	const run = new RunPage(page)
	const live = new LivePage(page)
	await shell.open(app.url)
	await run.openModule(example)
	await look(page, "pools")
	await run.showTab(/Sources/)
	await look(page, "sources")
	await run.appliance("as-delivered").check()
	await run.appliance("customised").check()
	await run.start()

	await expect(live.line("as-delivered")).toContainText("Applied", { timeout: 120_000 })
	await expect(live.line("customised")).toContainText("Failed, put back", { timeout: 120_000 })
	await expect(page.getByText("2 pools applied, the final closure passed.")).toBeVisible()
	await expect(live.finalClosure).toContainText("curl -f http://localhost:5000/health")
	await look(page, "applied")
	await live.line("customised").click()
	await expect(page.getByText("1 pool failed and was put back, 1 pool applied.")).toBeVisible()
	const failed = live.pool("website_security_patch")
	await expect(failed).toContainText("npm run build")
	await expect(failed).toContainText("exit status 1")
	await expect(failed).toContainText("Greeting")
	await expect(failed.getByRole("list", { name: /^Phases/ })).toContainText("closure after restore")
	await expect(live.pool("backend_config_fix")).toContainText("Applied")
	await expect(live.finalClosure).toContainText("Not run")
	await look(page, "put back")

	// What the interface says is how it is.
	const source = await readFile(join(example, "src/auth.tsx"), "utf8")
	expect(await readFile(join(alpha.rootPath, site, "src/components/auth.tsx"), "utf8")).toBe(source)
	expect(await readFile(join(beta.rootPath, site, "src/components/header.tsx"), "utf8")).toBe(header)
	expect(await beta.execOk("curl -fsS http://localhost:5000/health")).toContain("ok")
})

test("the upload, and the connection to the appliance lost in the middle: said, and afterwards all of it is there", async ({
	app,
	page,
	boot,
	lab,
}) => {
	const alpha = await boot("cut-off")
	await enlist(app, lab, [alpha])
	const slow = "echo before the cut; until test -e /run/go-on; do sleep 0.2; done; echo after the cut"
	const module = await makeModule(fixture, (index) => {
		index.pools[0]?.closure.splice(1, 0, slow)
		index.pools[1]?.operations.push({ target: "large.bin", destination: `/${site}/large.bin` })
	})
	await writeFile(join(module, "src/large.bin"), randomBytes(48 * 1024 * 1024))
	const shell = new Shell(page)
	const run = new RunPage(page)
	const live = new LivePage(page)
	await shell.open(app.url)
	await run.openModule(module)
	await run.appliance("cut-off").check()
	await run.start()
	await expect(page.getByText(/Uploading the module's files: .* of 48(\.\d)? MiB/)).toBeVisible({ timeout: 60_000 })
	await alpha.freeze()
	await look(page, "upload")
	await alpha.thaw()
	const output = live.output(slow)
	await expect(output).toContainText("before the cut", { timeout: 120_000 })
	await look(page, "live")

	await alpha.dropPackets()
	await alpha.cutConnections()
	const lost = page.getByRole("region", { name: "Connection" })
	await expect(lost).toContainText("Last seen")
	await expect(lost).toContainText("The run goes on there by itself")
	await expect(lost).toContainText(/Next attempt (in \d+ s|now)/)
	await alpha.execOk("touch /run/go-on")
	await look(page, "lost")
	await alpha.passPackets()
	await expect(page.getByText("2 pools applied, the final closure passed.")).toBeVisible({ timeout: 120_000 })
	await expect(lost).toBeHidden()
	await live.expand("website_security_patch")
	await live
		.pool("website_security_patch")
		.getByRole("button", { name: /^passed echo before/ })
		.click()
	await expect(output).toContainText("after the cut")
})

test("what another desktop did on the appliance is fetched into the history, once", async ({
	app,
	page,
	boot,
	lab,
}) => {
	const alpha = await boot("shared")
	const access = ["--on", `root@${alpha.host}`, "--identity", lab.identity, "--known-hosts", lab.knownHosts]
	expect((await hotfix(["run", example, ...access], join(app.folder, "other-desktop"))).status).toBe(0)
	await enlist(app, lab, [alpha])
	const shell = new Shell(page)
	const history = new HistoryPage(page)
	await shell.open(app.url)
	await shell.goTo("Appliances")
	await new AppliancesPage(page).choose("shared", "History")
	await expect(page.getByRole("heading", { name: "No run yet" })).toBeVisible()

	await history.fetch("shared")
	await expect(history.rows).toHaveCount(2, { timeout: 60_000 })
	await expect(page.getByText("1 run taken over.")).toBeVisible()
	await expect(history.row("website_security_patch", "shared")).toContainText("Applied")
	await look(page, "fetched history")
	await history.fetch("shared")
	await expect(page.getByText("Nothing new there.")).toBeVisible({ timeout: 60_000 })
	await expect(history.rows).toHaveCount(2)

	await history.row("backend_config_fix").click()
	const live = new LivePage(page)
	await live.expand("backend_config_fix")
	await expect(live.pool("backend_config_fix")).toContainText("The new files are in place")
	await look(page, "fetched record")
})

/** The customer's own page uses what only their own header exports, and the header is one of the destinations. */
async function changePage(folder: string): Promise<void> {
	const header = join(folder, "src/components/header.tsx")
	const greeting = "\nexport function Greeting() {\n\treturn <p>Welcome home</p>\n}\n"
	await writeFile(header, (await readFile(header, "utf8")) + greeting)
	const app = join(folder, "src/app.tsx")
	const text = await readFile(app, "utf8")
	await writeFile(
		app,
		text.replace("{ Header }", "{ Greeting, Header }").replace("<main>", "<main>\n\t\t\t<Greeting />"),
	)
}
