import { makeProgram } from "../../core/cli/command-line.ts"
import { code, makePage, makeTable } from "./page.mjs"

/** A command with every option that all have which talk to an appliance. */
const TYPICAL = "plan"

export function commandLinePage() {
	const program = makeProgram(() => undefined)
	const common = program.commands.find((command) => command.name() === TYPICAL).options
	const flags = new Set(common.map((option) => option.flags))
	return makePage(
		"Reference: hotfix",
		"All commands and options, as `hotfix COMMAND --help` tells them. `hotfix` is `node dist/cli/hotfix.js` after `npm run build`. " +
			"What they are for, and the exit codes: [command line](../command-line.md).",
		"Before every command:",
		optionTable(program.options),
		"## Options for appliances",
		"Every command that talks to an appliance has these; their own options are named below.",
		optionTable(common),
		...leaves(program).flatMap(([path, command]) => commandParts(path, command, flags)),
	)
}

/** Each command that does something, with the words before it. */
function leaves(command, path = "hotfix") {
	if (command.commands.length === 0) return [[path, command]]
	return command.commands.flatMap((child) => leaves(child, `${path} ${child.name()}`))
}

function commandParts(path, command, common) {
	const isForAppliances = [...common].every((flags) => command.options.some((option) => option.flags === flags))
	const own = command.options.filter((option) => !(isForAppliances && common.has(option.flags)))
	const operands = command.registeredArguments.map(operand).join("")
	return [
		`## ${code(path)}`,
		`${code(`${path}${operands}`)}: ${command.description()}.${isForAppliances ? " With the [options for appliances](#options-for-appliances)." : ""}`,
		...(own.length > 0 ? [optionTable(own)] : []),
	]
}

function operand(argument) {
	const name = `${argument.name().toUpperCase()}${argument.variadic ? "..." : ""}`
	return argument.required ? ` ${name}` : ` [${name}]`
}

function optionTable(options) {
	return makeTable(
		["option", "meaning"],
		options.map((option) => [code(option.flags), `${option.description}${choices(option)}${standard(option)}`]),
	)
}

function choices({ argChoices }) {
	return argChoices ? `: ${argChoices.map(code).join(", ")}` : ""
}

/** `--no-…` has a default that says nothing. */
function standard({ defaultValue, negate }) {
	return defaultValue === undefined || negate ? "" : ` (default: ${defaultValue})`
}
