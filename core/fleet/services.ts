import { mkdirSync } from "node:fs"
import { homedir } from "node:os"
import type { Failure } from "../schema/failure.ts"
import { createApplianceFiles } from "./appliance-files/appliance-files.ts"
import { clearVersions } from "./library/clear-versions.ts"
import { createLibrary } from "./library/library.ts"
import { makeVersionsFolder } from "./library/materialise.ts"
import { createPrepare } from "./rollout/prepare.ts"
import { createRollouts } from "./rollout/rollouts.ts"
import { createAppliances, createRemovals } from "./services/appliances-service.ts"
import { createContacts } from "./services/contacts.ts"
import { failureOf } from "./services/failure-of.ts"
import { createFleet } from "./services/fleet-service.ts"
import { createHistory } from "./services/history-service.ts"
import { createModules } from "./services/modules-service.ts"
import { ownOwner } from "./services/owner.ts"
import { createPageState } from "./services/page-state-service.ts"
import { createQuestions } from "./services/questions-service.ts"
import { createRegistry } from "./services/registry.ts"
import { createRuns } from "./services/runs-service.ts"
import { createSigning } from "./services/signing-service.ts"
import { createSshAccess } from "./services/ssh-access.ts"
import { createState } from "./services/state-service.ts"
import type { CreateServices } from "./services/types.ts"
import { watchOtherPrograms } from "./services/watch-other-programs.ts"
import { createKeptKeys } from "./signing/kept-keys.ts"
import { createSigner } from "./signing/signer.ts"
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
	const contacts = createContacts(options.connect ?? ssh.connect, questions, registry, (appliance, port) => {
		runs.revive(appliance.id)
		return host === "cli" ? undefined : history.catchUp(appliance, port)
	})
	const runs = createRuns({ store, state, registry, contacts, owner, outlives: host !== "cli", log })
	const history = createHistory({ store, state, registry, contacts, adopt: runs.adopt, log })
	const runsShown = () => {
		const live = runs.live()
		return store.runs.list(RUNS_SHOWN).map((run) => live.get(run.id) ?? run)
	}
	const removals = createRemovals()
	const appliances = createAppliances(registry, contacts, removals, (signal) =>
		(options.startDemo ?? ssh.startDemo)(dataFolder, signal),
	)
	const fleet = createFleet({ registry, store, sshConfig: options.sshConfig, removals })
	const kept = createKeptKeys(dataFolder, options.secretBox)
	const library = createLibrary({ dataFolder, store, log, signer: createSigner(dataFolder, kept) })
	const applianceFiles = createApplianceFiles({ contacts, reach: registry.reach, library, runOf: runs.get })
	const pageState = createPageState(dataFolder, log)
	const others = watchOtherPrograms(store, state, owner, log)
	const versionsFolder = makeVersionsFolder(dataFolder)
	const inUse = store.runs.open().flatMap(({ run }) => run.module.folder ?? [])
	const clearing = host === "cli" ? undefined : clearVersions(versionsFolder, inUse).catch(tellClearing)
	const rollouts = createRollouts({ store, state, registry, runs, sshConfig: ssh.sshConfig, dataFolder, owner, log })
	if (host !== "cli") {
		runs.resume()
		rollouts.resume()
	}

	function tellClearing(error: unknown) {
		log(`cannot clear away old versions: ${failureOf(error).data.message}`)
	}
	let closed: Promise<void> | undefined
	async function close() {
		await clearing
		others.stop()
		questions.close()
		await rollouts.close()
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
		fleet,
		modules: createModules(store, state, {
			remembers: host !== "cli",
			versionsFolder,
			pickFolder: options.pickFolder,
		}),
		library,
		signing: createSigning(dataFolder, kept),
		runs,
		rollouts,
		history,
		preparation: createPrepare({ contacts, questions, reach: registry.reach, library, sshConfig: ssh.sshConfig }),
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
