import { resolve } from "node:path"
import { parseArgs } from "node:util"
import { z } from "zod"
import { DEFAULT_STATE_FOLDER } from "../../schema/state-folder.ts"
import type { Place } from "../jobs/job.ts"
import type { Output } from "../text/output.ts"
import { makeEngineOptions, makeHost } from "./engine-options.ts"

/** What a command works with. */
export interface Surroundings extends Place {
	output: Output
	/** Ctrl-C and the like: stop at the next safe point and put the open pool back. */
	signal: AbortSignal
}

/** One command with its own arguments. Resolves to the exit code (DESIGN §6); throws `UsageError` and `FailureError`. */
export type Command = (args: string[], output: Output, signal: AbortSignal) => Promise<number>

/** Arguments that make no sense; the message is for a person, a line for each. */
export class UsageError extends Error {}

export function makeCommand<Own extends z.ZodRawShape>(
	own: Own,
	run: (options: z.output<z.ZodObject<Own>> & CommonOptions, surroundings: Surroundings) => Promise<number>,
): Command {
	const schema = z.object({ ...commonOptions.shape, ...own })
	return async (args, output, signal) => {
		const options = readOptions(schema, args) as z.output<z.ZodObject<Own>> & CommonOptions
		// The one folder outside that a command reads: the module's own.
		const keep = "module" in options ? [resolve(String(options.module))] : []
		return run(options, { host: makeHost(options, keep, signal), options: makeEngineOptions(options), output, signal })
	}
}

/** `--name VALUE`, given once or more often, or without a value; said by the type of its schema. */
export const value = z.string().min(1, "a value is needed")
export const values = z.array(value)
export const flag = z.boolean().default(false)
export const number = z
	.string()
	.regex(/^\d{1,9}$/, "a whole number is needed")
	.transform(Number)
/** Seconds to wait, runs to show: none at all makes no sense. */
export const count = number.refine((given) => given > 0, "a whole number above 0 is needed")

const commonOptions = z.object({
	state: value.default(DEFAULT_STATE_FOLDER),
	log: value.optional(),
	events: value.optional(),
	root: value.optional(),
	json: flag,
})
export type CommonOptions = z.output<typeof commonOptions>

/** The options of a command line; throws `UsageError` with all that is wrong with them. */
function readOptions(schema: z.ZodObject, args: string[]): unknown {
	const result = schema.safeParse(readArguments(schema, args))
	if (result.success) return result.data
	const problems = result.error.issues.map(({ path, code, message, input }) => {
		const isMissing = code === "invalid_type" && input === undefined
		return isMissing ? `--${String(path[0])} is needed` : `cannot read --${String(path[0])}: ${message}`
	})
	throw new UsageError(problems.join("\n"))
}

function readArguments(schema: z.ZodObject, args: string[]): Record<string, unknown> {
	const options = Object.fromEntries(Object.entries(schema.shape).map(([name, type]) => [name, shapeOf(type)]))
	try {
		return parseArgs({ args, options, allowPositionals: false, strict: true }).values
	} catch (error) {
		// Node's own sentence, without its advice on positional arguments.
		const [sentence = ""] = (error as Error).message.split(". ")
		throw new UsageError(`cannot read the options: ${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`)
	}
}

function shapeOf(type: unknown): { type: "string" | "boolean"; multiple: boolean } {
	let inner = type
	while (inner instanceof z.ZodDefault || inner instanceof z.ZodOptional) inner = inner.unwrap()
	return { type: inner instanceof z.ZodBoolean ? "boolean" : "string", multiple: inner instanceof z.ZodArray }
}
