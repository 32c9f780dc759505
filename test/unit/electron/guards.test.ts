import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type PageFile, readPageFiles } from "../../../core/fleet/page-files.ts"
import { isOwnPage, isTrustedFrame, mayLoad, PAGE_URL, respondWithPage } from "../../../electron/guards.ts"

const OWN = ["app://hotfix/", "app://hotfix/index.html", "app://hotfix/assets/a.js?x#y"]
const FOREIGN = [
	"app://other/",
	"app://hotfix.evil/",
	"app://hotfix:81/",
	"app://user@hotfix/",
	"apps://hotfix/",
	"http://hotfix/",
	"https://example.org/app://hotfix/",
	"file:///etc/passwd",
	"data:text/html,x",
	"javascript:alert(1)",
	"about:blank",
	"blob:app://hotfix/1",
	"",
]

describe("whose address it is", () => {
	test.each(OWN)("%s is ours", (url) => expect([isOwnPage(url), mayLoad(url)]).toEqual([true, true]))
	test.each(FOREIGN)("%s is not", (url) => expect([isOwnPage(url), mayLoad(url)]).toEqual([false, false]))
	test("developer tools may load their own page, and are still not ours", () => {
		expect([isOwnPage("devtools://devtools/x.html"), mayLoad("devtools://devtools/x.html")]).toEqual([false, true])
	})
})

test.each([
	["the window's own page", { url: PAGE_URL, parent: null }, true],
	["a frame inside it", { url: PAGE_URL, parent: {} }, false],
	["another page in its place", { url: "https://example.org/", parent: null }, false],
	["a frame that has gone", null, false],
])("%s may talk to the program: %s", (_name, frame, expected) => expect(isTrustedFrame(frame)).toBe(expected))

describe("the page's files", () => {
	let root: string
	let files: Map<string, PageFile>
	beforeAll(() => {
		root = mkdtempSync(join(tmpdir(), "hotfix-page-"))
		mkdirSync(join(root, "page", "assets"), { recursive: true })
		writeFileSync(join(root, "page", "index.html"), "<!doctype html>")
		writeFileSync(join(root, "page", "assets", "app.js"), "app()")
		writeFileSync(join(root, "outside.js"), "outside()")
		files = readPageFiles(join(root, "page"))
	})
	afterAll(() => rmSync(root, { recursive: true, force: true }))

	test.each([
		[PAGE_URL, "<!doctype html>", "text/html; charset=utf-8"],
		["app://hotfix/assets/app.js", "app()", "text/javascript; charset=utf-8"],
	])("%s", async (url, body, type) => {
		const response = respondWithPage(files, url)
		expect(response.status).toBe(200)
		expect(await response.text()).toBe(body)
		expect(response.headers.get("content-type")).toBe(type)
		expect(response.headers.get("content-security-policy")).toContain("default-src 'none'")
	})

	test.each([
		"app://hotfix/../outside.js",
		"app://hotfix/%2e%2e/outside.js",
		"app://hotfix/..%2foutside.js",
		"app://hotfix//outside.js",
		"app://other/index.html",
		"app://hotfix/assets",
		"app://hotfix/nothing.js",
	])("%s is none, and still has the policy", async (url) => {
		const response = respondWithPage(files, url)
		expect(response.status).toBe(404)
		expect(await response.text()).not.toContain("outside")
		expect(response.headers.get("content-security-policy")).toContain("default-src 'none'")
	})

	test("a file that has gone since is none", () => {
		writeFileSync(join(root, "page", "gone.js"), "")
		const listed = readPageFiles(join(root, "page"))
		rmSync(join(root, "page", "gone.js"))
		expect(respondWithPage(listed, "app://hotfix/gone.js").status).toBe(404)
	})
})
