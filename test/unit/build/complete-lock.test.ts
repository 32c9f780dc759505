import { execFileSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"

/** Stands in for npm: the digest of a package is its name and version, so that one sees whose it is. */
const NPM = `#!${process.execPath}
const digest = process.argv[3].replace(/[^A-Za-z0-9]/g, "+").padEnd(86, "A")
console.log("sha512-" + digest + "==")
`

test("a lock file gets each package's own digest, and none for what no registry has", () => {
	const folder = mkdtempSync(join(tmpdir(), "hotfix-lock-"))
	for (const name of ["build", "bin"]) mkdirSync(join(folder, name))
	cpSync(join(import.meta.dirname, "../../../build/complete-lock.mjs"), join(folder, "build/complete-lock.mjs"))
	writeFileSync(join(folder, "bin/npm"), NPM, { mode: 0o755 })
	const packages = {
		"": { optionalDependencies: { "esbuild-linux-arm64": "1.0.0" } },
		"node_modules/a": { version: "1.2.3" },
		"node_modules/a/node_modules/@scope/b": { version: "2.0.0" },
		"node_modules/alias": { name: "real", version: "3.0.0" },
		"node_modules/bundled": { version: "4.0.0", inBundle: true },
		"node_modules/local": { resolved: "packages/local", link: true },
		"packages/local": { version: "5.0.0" },
		"node_modules/known": { version: "6.0.0", integrity: "sha512-known" },
	}
	writeFileSync(join(folder, "package-lock.json"), JSON.stringify({ packages }))
	const env = { ...process.env, PATH: join(folder, "bin") }
	execFileSync(process.execPath, [join(folder, "build/complete-lock.mjs")], { env })
	const completed = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8")).packages
	rmSync(folder, { recursive: true })
	const whose = Object.entries<{ integrity?: string }>(completed).map(([place, { integrity }]) => [
		place,
		integrity?.replace(/A*==$/, "").replace("sha512-", ""),
	])
	expect(Object.fromEntries(whose)).toEqual({
		"": undefined,
		"node_modules/a": "a+1+2+3",
		"node_modules/a/node_modules/@scope/b": "+scope+b+2+0+0",
		"node_modules/alias": "real+3+0+0",
		"node_modules/bundled": undefined,
		"node_modules/esbuild-linux-arm64": "esbuild+linux+arm64+1+0+0",
		"node_modules/known": "known",
		"node_modules/local": undefined,
		"packages/local": undefined,
	})
})
