// The few words of vitest that the engine's tests use, for running them in one process: collects tests instead of running
// them. What a test needs that is not here fails loudly when its file is loaded.
export { expect } from "vitest"

/** Every test that was loaded: `{ name, file, run }`. */
export const tests = []
let suite = makeSuite("")
let file = ""

/** Loads a file's tests. */
export async function loadTests(path, load) {
	file = path
	suite = makeSuite("")
	await load()
}

function makeSuite(name, parent) {
	return { name, parent, before: [], after: [] }
}

export function test(name, ...rest) {
	const body = rest.find((one) => typeof one === "function")
	const own = suite
	const full = `${fullName(own)}${name}`
	const count = tests.filter((other) => other.file === file && other.first === full).length
	const run = async () => {
		const outermostFirst = suitesOf(own)
		try {
			for (const { before } of outermostFirst) for (const step of before) await step({})
			await body({})
		} finally {
			for (const { after } of [...outermostFirst].reverse()) for (const step of [...after].reverse()) await step({})
		}
	}
	tests.push({ name: count === 0 ? full : `${full} (${count + 1})`, first: full, file, run })
}

const skip = () => {}
const each = (rows) => (name, body) => {
	for (const row of rows) {
		const cells = Array.isArray(row) ? row : [row]
		test(print(name, cells), () => body(...cells))
	}
}
test.skip = skip
test.skipIf = (isSkipped) => (isSkipped ? Object.assign(() => {}, { each: () => skip }) : test)
test.each = each
test.for = (rows) => (name, body) => {
	for (const row of rows) test(print(name, [row]), () => body(row))
}

export function describe(name, ...rest) {
	const above = suite
	suite = makeSuite(name, above)
	rest.find((one) => typeof one === "function")()
	suite = above
}
describe.each = (rows) => (name, body) => {
	for (const row of rows) {
		const cells = Array.isArray(row) ? row : [row]
		describe(print(name, cells), () => body(...cells))
	}
}
describe.skipIf = (isSkipped) => (isSkipped ? () => {} : describe)

export const beforeEach = (step) => void suite.before.push(step)
export const afterEach = (step) => void suite.after.push(step)
/** The process ends soon enough. */
export const afterAll = () => {}

function suitesOf(own) {
	return own ? [...suitesOf(own.parent), own] : []
}

function fullName(own) {
	return suitesOf(own)
		.map(({ name }) => (name ? `${name} > ` : ""))
		.join("")
}

/** Names need only tell tests apart. */
function print(name, cells) {
	return `${name}: ${cells.map((cell) => (typeof cell === "string" ? cell : JSON.stringify(cell, plain))).join(" | ")}`
}

function plain(_, value) {
	return typeof value === "bigint" ? String(value) : typeof value === "function" ? String(value).slice(0, 60) : value
}
