import { chmod, lstat, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, test } from "./app.ts"
import { look } from "./look.ts"
import { readIndex } from "./module-folder.ts"
import { openSources } from "./open-sources.ts"
import { EditorPage } from "./pages/editor-page.ts"
import { LibraryPage } from "./pages/library-page.ts"
import { Shell } from "./pages/shell.ts"

const source = (folder: string, target: string) => readFile(join(folder, "src", target), "utf8")

test("a folder dropped on a pool becomes its files, with destinations, as one step", async ({ app, page }) => {
	const { folder, desktop, editor, sources } = await openSources(app, page)
	await mkdir(join(desktop, "rootfs/etc/nginx"), { recursive: true })
	await mkdir(join(desktop, "rootfs/.git"))
	await writeFile(join(desktop, "rootfs/etc/nginx/nginx.conf"), "events {}\n")
	await writeFile(join(desktop, "rootfs/notes.txt"), "where to?\n")
	await writeFile(join(desktop, "rootfs/.git/HEAD"), "ref\n")
	await editor.show("Pools")
	await sources.drop([join(desktop, "rootfs")], "Pool alpha")
	await expect(sources.dialog).toContainText("Add 2 files")
	await expect(sources.destination("rootfs/etc/nginx/nginx.conf")).toHaveValue("/etc/nginx/nginx.conf")
	await expect(sources.destination("rootfs/notes.txt")).toHaveValue("")
	await expect(sources.dialog).toContainText("1 file without a destination")
	await look(page, "sources add to a pool")
	await sources.destination("rootfs/notes.txt").fill("/srv/notes.txt")
	await sources.dialog.getByRole("button", { name: "Add", exact: true }).click()
	await expect(sources.added).toContainText("2 files added.")
	await expect(editor.undo).toHaveAccessibleName("Undo: add 2 files to alpha")
	await editor.save()
	const [{ operations }] = JSON.parse(await readIndex(folder)).pools
	expect(operations.slice(1)).toEqual([
		{ target: "src/rootfs/etc/nginx/nginx.conf", destination: "/etc/nginx/nginx.conf" },
		{ target: "src/rootfs/notes.txt", destination: "/srv/notes.txt" },
	])
	expect(await source(folder, "rootfs/etc/nginx/nginx.conf")).toBe("events {}\n")
	await expect(page.getByText("No findings")).toBeVisible()
	await page.keyboard.press("Control+z")
	await expect(editor.undo).toBeDisabled()
	await expect(page.getByRole("button", { name: /^1 warning|^2 warnings/ })).toBeVisible()
})

test("files are picked, and what is there already is replaced only when a person says so", async ({ app, page }) => {
	const { folder, desktop, sources } = await openSources(app, page)
	await writeFile(join(desktop, "alpha.txt"), "mine\n")
	await writeFile(join(desktop, "empty"), "")
	await sources.pick("Add files", [join(desktop, "alpha.txt"), join(desktop, "empty")])
	await expect(sources.dialog).toContainText("there already")
	await sources.dialog.getByRole("button", { name: "Add", exact: true }).click()
	await expect(sources.added).toContainText("1 file added, 1 left as it was.")
	await expect(sources.added).toContainText("alpha.txt")
	await look(page, "sources kept")
	expect(await source(folder, "alpha.txt")).toBe("alpha\n")
	expect(await source(folder, "empty")).toBe("")
	await sources.added.getByRole("button", { name: "Replace it" }).click()
	await expect(sources.added).toContainText("1 file added.")
	expect(await source(folder, "alpha.txt")).toBe("mine\n")
	await sources.added.getByRole("button", { name: "Close" }).click()
	await expect(sources.added).toBeHidden()
	await sources.pick("Add a folder", desktop)
	await sources.dialog.getByRole("button", { name: "Add", exact: true }).click()
	await expect(sources.row("alpha.txt")).toHaveCount(2)
	expect(await source(folder, "desktop/alpha.txt")).toBe("mine\n")
})

test("a file that misses its place does not lead the page away", async ({ app, page }) => {
	const { desktop, sources } = await openSources(app, page)
	await writeFile(join(desktop, "page.html"), "<h1>elsewhere</h1>")
	// What a browser would do with it shows in no test; it leaves the page only where nobody took the event.
	await page.evaluate(() => {
		window.addEventListener("dragover", ({ defaultPrevented, dataTransfer }) => {
			document.title = `${defaultPrevented} ${dataTransfer?.dropEffect}`
		})
	})
	await sources.dropAt([join(desktop, "page.html")], 500, 80)
	await expect(page).toHaveTitle("true none")
	await sources.drop([join(desktop, "page.html")], "Sources of the module")
	await expect(sources.dialog).toContainText("Add 1 file")
	await sources.dialog.getByRole("button", { name: "Cancel" }).click()
	await expect(sources.row("alpha.txt")).toBeVisible()
})

test("names as strange as a disk takes them; what cannot be added is told by its sentence", async ({ app, page }) => {
	const { folder, desktop, editor, sources } = await openSources(app, page, { "taken/inside": "x\n" })
	const names = ["two\nlines", `quo"te's`, "ünï-日本", "a".repeat(255), " blank ", "-rf", "$(reboot)", "back\\slash"]
	for (const name of names) await writeFile(join(desktop, name), `${name}\n`)
	// A file where a folder stands.
	await writeFile(join(desktop, "taken"), "x")
	await sources.drop(
		[...names, "taken"].map((name) => join(desktop, name)),
		"Sources of the module",
	)
	await expect(sources.dialog).toContainText("Add 9 files")
	await sources.dialog.getByRole("button", { name: "Add", exact: true }).click()
	await expect(sources.added).toContainText("8 files added, 1 not added.")
	await expect(sources.added.getByRole("list", { name: "Not added" })).toContainText(
		/taken.* cannot be a source: it is a folder/,
	)
	await look(page, "sources strange names")
	for (const name of names) expect(await source(folder, name)).toBe(`${name}\n`)

	await sources.row("lines").click()
	await expect(sources.source("two\nlines")).toBeVisible()
	await editor.show("Pools")
	await editor.row("beta").click()
	await sources.drop([join(desktop, "two\nlines")], "Pool beta")
	await sources.destination("two\nlines").fill("/srv/two")
	await sources.dialog.getByRole("button", { name: "Add", exact: true }).click()
	await expect(editor.undo).toHaveAccessibleName("Undo: add 1 file to beta")
	await editor.save()
	expect(JSON.parse(await readIndex(folder)).pools[1].operations[1].target).toBe("src/two\nlines")
	await expect(page.getByText("No findings")).toBeHidden()
})

test("adding is cancelled between two files, and nothing half is left", async ({ app, page }) => {
	const { folder, desktop, sources } = await openSources(app, page)
	await mkdir(join(desktop, "many"))
	const text = "x".repeat(200_000)
	await Promise.all(Array.from({ length: 600 }, (_, index) => writeFile(join(desktop, `many/${index}`), text)))
	await sources.pick("Add a folder", join(desktop, "many"))
	await sources.dialog.getByRole("button", { name: "Add", exact: true }).click()
	const strip = page.getByRole("region", { name: "Adding files" })
	await expect(strip).toContainText(/[1-9]\d* of 600 files added/)
	if (process.env.SHOTS) await look(page, "sources adding")
	await strip.getByRole("button", { name: "Cancel" }).click()
	await expect(sources.added).toContainText(/Cancelled: \d+ files added, \d+ not begun/)
	const uploads = join(app.folder, "data/uploads", String(process.pid))
	await expect.poll(() => readdir(uploads)).toEqual([])
	const names = await readdir(join(folder, "src/many"))
	expect(names.length).toBeLessThan(600)
	for (const name of names) expect((await stat(join(folder, "src/many", name))).size).toBe(200_000)
})

test("a text is edited with the keyboard alone, undone, and saved with its own line ends", async ({ app, page }) => {
	const { folder, editor, sources } = await openSources(app, page, { "win.ini": "[a]\r\nkey = 1\r\n" })
	await sources.list.focus()
	await page.keyboard.press("End")
	await expect(sources.source("win.ini")).toBeVisible()
	await expect(sources.text).toBeVisible()
	await look(page, "sources text")
	// From the list to the text: what stands between is reached on the way.
	for (let presses = 0; presses < 12 && !(await sources.text.evaluate(isFocused)); presses++)
		await page.keyboard.press("Tab")
	await expect.poll(() => sources.text.evaluate(isFocused)).toBe(true)
	await page.keyboard.press("Control+End")
	await page.keyboard.type("?gr")
	await page.keyboard.press("Enter")
	await page.keyboard.press("Tab")
	await expect(page.getByRole("dialog")).toBeHidden()
	await expect(sources.row("win.ini")).toContainText("not saved")
	await expect(editor.status("Not saved yet")).toBeVisible()
	await editor.show("Publish")
	await expect(page.getByText("There is something typed that is not saved.")).toBeVisible()
	await editor.show("Sources")
	await expect(sources.text).toContainText("?gr")
	await sources.text.focus()
	// Escape, then Tab leaves; without Escape it is typed.
	await page.keyboard.press("Escape")
	await page.keyboard.press("Tab")
	expect(await sources.text.evaluate(isFocused)).toBe(false)
	await page.keyboard.press("Control+s")
	await editor.status("Saved").waitFor()
	expect(await source(folder, "win.ini")).toBe("[a]\r\nkey = 1\r\n?gr\r\n\t")
	await sources.text.focus()
	await page.keyboard.press("Control+z")
	await page.keyboard.press("Control+z")
	await page.keyboard.press("Control+z")
	await editor.save()
	expect(await source(folder, "win.ini")).toBe("[a]\r\nkey = 1\r\n")
	await expect(editor.undo).toBeDisabled()

	await sources.text.focus()
	await page.keyboard.press("Control+f")
	await page.getByRole("textbox", { name: "Find" }).fill("key")
	await page.getByRole("textbox", { name: "Replace" }).fill("name")
	await look(page, "sources find")
	await page.getByRole("button", { name: "Replace all" }).click()
	await page.keyboard.press("Escape")
	await editor.save()
	expect(await source(folder, "win.ini")).toBe("[a]\r\nname = 1\r\n")
})

const isFocused = (element: Element) => {
	const { activeElement } = element.getRootNode() as ShadowRoot
	return activeElement === element
}

test("languages are coloured, in light and dark, and the page's policy refuses nothing", async ({ app, page }) => {
	const texts: Record<string, [text: string, word: string]> = {
		"a.tsx": ["const a: number = 1\nexport const B = () => <b>{a}</b>\n", "const"],
		"b.json": ['{ "key": "value", "n": 1 }\n', '"value"'],
		"c.html": ["<p class='x'>text</p>\n", "p"],
		"d.css": ["a { color: red }\n", "color"],
		"e.py": ["def f():\n    return None\n", "def"],
		"f.yml": ["key: value # why\n", "# why"],
		"g.xml": ["<a b='c'/>\n", "a"],
		"h.md": ["# Title\n\n**bold**\n", "#"],
		"i.sh": ['#!/bin/sh\nif true; then echo "x"; fi\n', "if"],
		"j.ini": ["[part]\nkey = value\n", "key"],
		"nginx.conf": ["server { listen 80; }\n", "server"],
		Dockerfile: ["FROM debian:12\nRUN true\n", "FROM"],
		"k.sql": ["SELECT 1 FROM a;\n", "SELECT"],
		"l.php": ["<?php function f() { return 1; }\n", "function"],
	}
	const { sources } = await openSources(
		app,
		page,
		Object.fromEntries(Object.entries(texts).map(([name, [text]]) => [name, text])),
	)
	for (const [name, [, word]] of Object.entries(texts)) {
		await sources.row(name).click()
		await expect(sources.source(name)).toBeVisible()
		const coloured = sources.text.locator("span").getByText(word, { exact: true }).first()
		await expect(coloured).toBeVisible()
		const plain = await sources.text.evaluate((element) => getComputedStyle(element).color)
		expect(await coloured.evaluate((element) => getComputedStyle(element).color), name).not.toBe(plain)
	}
	await sources.row("a.tsx").click()
	await expect(sources.text).toContainText("export")
	await look(page, "sources tsx")
})

test("a change from outside is taken over, and a conflict is decided by a person", async ({ app, page }) => {
	const { folder, editor, sources } = await openSources(app, page)
	const outside = (text: string) => writeFile(join(folder, "src/alpha.txt"), text)
	await sources.row("alpha.txt").click()
	await expect(sources.text).toHaveText("alpha")
	await outside("from outside\n")
	await expect(sources.text).toContainText("from outside")
	await expect(page.getByText("It was changed outside of this program.")).toBeVisible()
	await sources.source("alpha.txt").getByRole("button", { name: "Close" }).click()

	await sources.text.click()
	await page.keyboard.press("Control+Home")
	await page.keyboard.type("mine ")
	await outside("theirs\n")
	await expect(page.getByRole("alert")).toContainText("while you were typing")
	const both = page.getByRole("region", { name: /beside/ })
	await expect(both).toContainText("mine from outside")
	await expect(both).toContainText("theirs")
	await look(page, "sources conflict")
	await page.keyboard.press("Control+s")
	expect(await source(folder, "alpha.txt")).toBe("theirs\n")
	await page.getByRole("button", { name: "Take theirs" }).click()
	await expect(sources.text).toContainText("theirs")
	await sources.text.focus()
	await page.keyboard.press("Control+z")
	await expect(sources.text).toContainText("mine from outside")
	await outside("theirs again\n")
	await page.getByRole("button", { name: "Keep mine" }).click()
	await editor.save()
	expect(await source(folder, "alpha.txt")).toBe("mine from outside\n")

	await sources.text.click()
	await page.keyboard.type("!")
	await rm(join(folder, "src/alpha.txt"))
	await expect(page.getByText("Its file was removed outside of this program")).toBeVisible()
	await editor.save()
	expect(await source(folder, "alpha.txt")).toContain("!")
})

test("what is typed in a source and not saved is there after the program ended", async ({ app, page }) => {
	const { folder, sources } = await openSources(app, page)
	await sources.row("alpha.txt").click()
	await sources.text.click()
	await page.keyboard.press("Control+Home")
	await page.keyboard.type("typed ")
	await expect.poll(async () => (await readdir(join(app.folder, "data/drafts")).catch(() => [])).length).toBe(1)
	page.on("dialog", (dialog) => void dialog.accept())
	await app.restart()
	await page.goto("about:blank")
	await new Shell(page).open(app.url)
	await new Shell(page).goTo("Modules")
	await new LibraryPage(page).open("web-fix")
	await new EditorPage(page).show("Sources")
	await sources.row("alpha.txt").click()
	await expect(page.getByText("What was typed last time and not saved is here again.")).toBeVisible()
	await expect(sources.text).toContainText("typed alpha")
	expect(await source(folder, "alpha.txt")).toBe("alpha\n")
	await page.getByRole("button", { name: "Go back to what is on disk" }).click()
	await expect(sources.text).toHaveText("alpha")
	await expect.poll(() => readdir(join(app.folder, "data/drafts"))).toEqual([])
})

test("what is doubtful about a file is told and mended with one click", async ({ app, page }) => {
	const { folder, editor, sources } = await openSources(app, page, {
		"run.sh": "\ufeff#!/bin/sh\r\necho hello",
		"app.env": "# settings\nDB_PASSWORD=s3cret-9\n",
	})
	await chmod(join(folder, "src/run.sh"), 0o644)
	await sources.row("run.sh").click()
	await expect(sources.notes.getByRole("listitem")).toHaveCount(5)
	await look(page, "sources notes")
	await sources.notes.getByRole("button", { name: "Write plain line ends" }).click()
	await expect(sources.notes.getByRole("listitem")).toHaveCount(4)
	expect(await source(folder, "run.sh")).toBe("\ufeff#!/bin/sh\necho hello")
	await sources.notes.getByRole("button", { name: "Take the mark out" }).click()
	await sources.notes.getByRole("button", { name: "Make it executable" }).click()
	await sources.notes.getByRole("button", { name: "Add the line end" }).click()
	await expect(sources.notes.getByRole("listitem")).toHaveCount(1)
	expect(await source(folder, "run.sh")).toBe("#!/bin/sh\necho hello\n")
	expect((await stat(join(folder, "src/run.sh"))).mode & 0o111).toBe(0o111)
	await expect(editor.status("Saved")).toBeVisible()
	await sources.notes.getByRole("button", { name: "Remove it …" }).click()
	await sources.dialog.getByRole("button", { name: "Remove", exact: true }).click()
	await expect(sources.row("run.sh")).toBeHidden()
	expect(await readdir(join(folder, "src"))).not.toContain("run.sh")

	await sources.row("app.env").click()
	await sources.notes.getByRole("button", { name: "Add to a pool …" }).click()
	await expect(sources.destination("app.env")).toHaveValue("/srv/app.env")
	await sources.dialog.getByRole("button", { name: "Add", exact: true }).click()
	await expect(editor.undo).toHaveAccessibleName("Undo: add 1 file to alpha")
	await expect(sources.notes).not.toContainText("No operation uses this file")
	await expect(page.getByRole("list", { name: "Used by" })).toContainText("/srv/app.env")
	await expect(sources.notes).toContainText("Line 2 looks like a password")
	await expect(sources.notes).not.toContainText("s3cret")
	await sources.notes.getByRole("button", { name: "Show the line" }).click()
	await expect(sources.text.locator(".cm-activeLine")).toHaveText("DB_PASSWORD=s3cret-9")
})

test("renaming a source takes the operations along", async ({ app, page }) => {
	const { folder, editor, sources } = await openSources(app, page)
	await sources.row("alpha.txt").click()
	await sources.source("alpha.txt").getByRole("button", { name: "Rename" }).click()
	await sources.dialog.getByRole("textbox").fill("beta.txt")
	await sources.dialog.getByRole("button", { name: "Rename" }).click()
	await expect(sources.dialog).toContainText("src/beta.txt is taken")
	await sources.dialog.getByRole("textbox").fill("web/gamma.txt")
	await sources.dialog.getByRole("button", { name: "Rename" }).click()
	await expect(sources.source("web/gamma.txt")).toBeVisible()
	await expect(editor.undo).toHaveAccessibleName("Undo: rename alpha.txt")
	await editor.save()
	expect(JSON.parse(await readIndex(folder)).pools[0].operations[0].target).toBe("src/web/gamma.txt")
	expect(await source(folder, "web/gamma.txt")).toBe("alpha\n")
	await expect(page.getByText("No findings")).toBeVisible()
})

test("a binary file shows what it is, and a text too long for an editor is not loaded", async ({ app, page }) => {
	const { folder, sources } = await openSources(app, page)
	await writeFile(
		join(folder, "src/logo.png"),
		Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), Buffer.alloc(2000)]),
	)
	await writeFile(join(folder, "src/long.log"), "a line\n".repeat(1_000_000))
	await sources.row("logo.png").click()
	const image = sources.source("logo.png")
	await expect(image).toContainText("PNG image")
	await expect(image).toContainText("2,008 bytes")
	await expect(image.getByText(/^[0-9a-f]{64}$/)).toBeVisible()
	await look(page, "sources binary")
	await sources.row("long.log").click()
	await expect(sources.source("long.log")).toContainText("text, too long to be edited here")
	await expect(sources.text).toHaveCount(0)
})

test("links that lead to no source are shown as that, and removed without what they lead to", async ({ app, page }) => {
	const { folder, desktop, sources } = await openSources(app, page)
	await writeFile(join(desktop, "victim"), "victim\n")
	await symlink(join(desktop, "victim"), join(folder, "src/leaves"))
	await symlink("nowhere", join(folder, "src/broken"))
	for (const [name, note] of [
		["leaves", "It is a link that leaves src/."],
		["broken", "It is a link to nothing."],
	] as const) {
		await sources.row(name).click()
		await expect(sources.source(name)).toContainText("a link")
		await expect(sources.notes).toContainText(note)
		await look(page, `sources link ${name}`)
		await sources.notes.getByRole("button", { name: "Remove it …" }).click()
		await sources.dialog.getByRole("button", { name: "Remove", exact: true }).click()
		await expect(sources.row(name)).toBeHidden()
		await expect(lstat(join(folder, "src", name))).rejects.toThrow("ENOENT")
	}
	expect(await readFile(join(desktop, "victim"), "utf8")).toBe("victim\n")
})
