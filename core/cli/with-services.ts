import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { defaultDataFolder } from "../fleet/data-folder.ts"
import { createProgramLog } from "../fleet/program-log.ts"
import type { Services, ServicesOptions } from "../fleet/services/types.ts"
import { createServices } from "../fleet/services.ts"
import { FailureError } from "../schema/failure.ts"
import { answerQuestions, canAnswer } from "./answer-questions.ts"
import type { ApplianceOptions } from "./appliance-options.ts"
import { personAtTerminal } from "./person-at-terminal.ts"
import { version } from "./version.ts"

/** A built file beside this program, whether it runs bundled (`dist/cli`) or from the sources (`core/cli`). */
export function builtFile(path: string): string {
	const places = [`../${path}`, `../../dist/${path}`].map((place) => fileURLToPath(new URL(place, import.meta.url)))
	const found = places.find(existsSync)
	if (found) return found
	throw new FailureError("not-found", { kind: path.startsWith("runner") ? "runner" : "built file", path })
}

/** Runs one command with the desktop's services; questions are answered meanwhile, everything is closed at its end. */
export async function withServices<T>(
	options: ApplianceOptions,
	use: (services: Services) => Promise<T>,
	more: Partial<ServicesOptions> = {},
): Promise<T> {
	const dataFolder = options.data ?? defaultDataFolder()
	const services = await createServices({
		dataFolder,
		host: "cli",
		version,
		log: createProgramLog(dataFolder),
		runnerBundle: builtFile("runner/hotfix-runner.cjs"),
		asks: canAnswer(options),
		...(options.knownHosts && { knownHosts: options.knownHosts }),
		...more,
	})
	const ended = new AbortController()
	// In the browser the person answers there.
	const answering =
		services.info.host === "browser"
			? Promise.resolve()
			: answerQuestions(services, options, ended.signal, personAtTerminal())
	// A fault while answering must end the command, not go unseen.
	const faulty = answering.then(() => new Promise<never>(() => {}))
	try {
		return await Promise.race([use(services), faulty])
	} finally {
		ended.abort()
		await services.close()
	}
}
