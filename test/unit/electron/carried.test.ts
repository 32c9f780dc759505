import { expect, test } from "vitest"
import { findCarried, type Place } from "../../../electron/carried.ts"

const place: Place = {
	root: "/opt/app/resources/app.asar",
	isPackaged: true,
	resourcesPath: "/opt/app/resources",
	platform: "linux",
	arch: "arm64",
}
const runner = "a".repeat(64)
const runtimes = "b".repeat(64)
const says = (carried: object) => () => JSON.stringify(carried)
const whole = { "runner/hotfix-runner.cjs": runner, "runtimes/runtimes.json": runtimes, "runtimes/x64/node": runner }

test("an installed program brings what lies beside its archive, by the digests in it, and starts the demo with a carried Node", () => {
	const asked: string[] = []
	const read = (path: string) => {
		asked.push(path)
		return JSON.stringify(whole)
	}
	expect(findCarried(place, read)).toEqual({
		runnerBundle: "/opt/app/resources/runner/hotfix-runner.cjs",
		runtimesFolder: "/opt/app/resources/runtimes",
		carriedDigests: { runner, runtimes },
		nodeProgram: "/opt/app/resources/runtimes/arm64/node",
	})
	expect(asked).toEqual(["/opt/app/resources/app.asar/carried.json"])
	// What is carried is for Linux: elsewhere it must not be taken for a Node of this machine.
	expect(findCarried({ ...place, platform: "darwin" }, read).nodeProgram).toBe(
		"/opt/app/resources/runtimes/darwin-arm64/node",
	)
})

test("an archive that does not say what it carries is not gone on with", () => {
	const { "runtimes/runtimes.json": _, ...lacking } = whole
	expect(() => findCarried(place, says(lacking))).toThrow()
	expect(() => findCarried(place, says({ ...whole, "runner/hotfix-runner.cjs": "abc" }))).toThrow()
})

test("a program that is not packaged brings what was built", () => {
	const carried = findCarried({ ...place, root: "/src/dist", isPackaged: false }, () => {
		throw new Error("nothing is to be read")
	})
	expect(carried).toEqual({
		runnerBundle: "/src/dist/runner/hotfix-runner.cjs",
		runtimesFolder: "/src/dist/runtimes",
	})
})
