import { mkdirSync } from "node:fs"
import { homedir } from "node:os"
import type { Failure } from "../schema/failure.ts"
import { createApplianceFiles } from "./appliance-files/appliance-files.ts"
import { createLibrary } from "./library/library.ts"
import { makeVersionsFolder } from "./library/materialise.ts"
import { createAppliances } from "./services/appliances-service.ts"
import { createContacts } from "./services/contacts.ts"
import { createHistory } from "./services/history-service.ts"
import { createModules } from "./services/modules-service.ts"
import { ownOwner } from "./services/owner.ts"
import { createPageState } from "./services/page-state-service.ts"
import { createQuestions } from "./services/questions-service.ts"
import { createRegistry } from "./services/registry.ts"
import { createRuns } from "./services/runs-service.ts"
import { createSshAccess } from "./services/ssh-access.ts"
import { createState } from "./services/state-service.ts"
import type { CreateServices } from "./services/types.ts"
import { watchOtherPrograms } from "./services/watch-other-programs.ts"
import { openStore, type Store } from "./store/store.ts"

/** Ended runs that the interface gets without asking. */
const RUNS_SHOWN = 100

/**
 * The desktop's services over one data folder. An app takes up the runs that an earlier one left; the command line
 * leaves them alone. Fails with `database-newer`, `not-permitted`, `read-only` or `disk-full`.
 */
export const createServices: CreateServices = async (options) => {
	const { dataFolder, host, version, log = () => {} } = options
	mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
	const store = openStore(dataFolder, log)
	const owner = ownOwner()
	const notices = makeNotices(store)
	for (const { code, data } of notices) log(`${code}: ${JSON.stringify(data)}`)

	const state = createState(() => ({
		appliances: registry.list(),
		recentModules: store.modules.list(),
		runs: runsShown(),
		questions: questions.open(),
		notices,
	}))
	const questions = createQuestions(state, options.asks ?? true)
	const registry = createRegistry(store, state)
	const ssh = createSshAccess(options)
	const contacts = createContacts(options.connect ?? ssh.connect, questions, registry, (id, port) => {
		runs.revive(id)
		return host === "cli" ? undefined : history.catchUp(id, port)
	})
	const runs = createRuns({ store, state, registry, contacts, owner, outlives: host !== "cli", log })
	const history = createHistory({ store, state, registry, contacts, adopt: runs.adopt, log })
	const runsShown = () => {
		const live = runs.live()
		return store.runs.list(RUNS_SHOWN).map((run) => live.get(run.id) ?? run)
	}
	const appliances = createAppliances(registry, contacts, () => (options.startDemo ?? ssh.startDemo)(dataFolder))
	const library = createLibrary({ dataFolder, store, log })
	const applianceFiles = createApplianceFiles({ contacts, reach: registry.reach, library })
	const pageState = createPageState(dataFolder, log)
	const others = watchOtherPrograms(store, state, owner, log)
	if (host !== "cli") runs.resume()

	let closed: Promise<void> | undefined
	async function close() {
		others.stop()
		questions.close()
		await runs.close()
		await applianceFiles.close()
		await appliances.close()
		await library.close()
		await pageState.close()
		state.close()
		store.close()
	}

	return {
		info: { version, host, dataFolder, home: homedir() },
		state,
		pageState,
		questions,
		appliances,
		applianceFiles,
		modules: createModules(store, state, {
			remembers: host !== "cli",
			versionsFolder: makeVersionsFolder(dataFolder),
			pickFolder: options.pickFolder,
		}),
		library,
		runs,
		history,
		log,
		close: () => {
			closed ??= close()
			return closed
		},
	}
}

function makeNotices(store: Store): Failure[] {
	if (store.keptAs === undefined) return []
	return [{ code: "database-damaged", data: { path: store.file, keptAs: store.keptAs } }]
}
