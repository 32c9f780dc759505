import { readFileSync } from "node:fs"
import { Script } from "node:vm"
import { makeCodeCache } from "./code-cache.ts"

/** SHA-256 of the program, and the length of the comment that it is in; the build puts both in. */
declare const __PROGRAM_DIGEST__: string
declare const __COMMENT_LENGTH__: number

// The program is the comment at this file's end: a start that finds it compiled does not have to read it as code at all.
const comment = readFileSync(__filename, "latin1").slice(-__COMMENT_LENGTH__)
const program = comment.slice("/*".length, -"*/".length).replaceAll("*\u0001/", "*/")
const cache = makeCodeCache(process.argv.slice(2), __PROGRAM_DIGEST__)
const cachedData = cache.read()
const script = new Script(program, { filename: __filename, ...(cachedData && { cachedData }) })
if (!cachedData || script.cachedDataRejected) {
	// When all that a run needs has been compiled.
	process.once("exit", (exit) => {
		if (exit === 0) cache.write(() => script.createCachedData())
	})
}
script.runInThisContext()(exports, require, module)
