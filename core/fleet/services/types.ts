import type { z } from "zod"
import type { RunnerPort } from "../../protocol/runner-port.ts"
import type { Appliance } from "../../schema/appliance.ts"
import type {
	Answer,
	ApplianceState,
	connectionFactsSchema,
	DesktopRun,
	DesktopState,
	OpenModule,
	PoolResult,
	Question,
	StateChange,
} from "../../schema/desktop.ts"
import type { AnyEvent } from "../../schema/event.ts"
import type { PoolDuration } from "../../schema/expect-duration.ts"
import type { FailureCause } from "../../schema/failure-cause.ts"
import type { HistoryRun } from "../../schema/history.ts"
import type { HistoryChoices } from "../../schema/history-choices.ts"
import type { HistoryCourse } from "../../schema/history-course.ts"
import type { HistoryGrid } from "../../schema/history-grid.ts"
import type { PastFault } from "../../schema/history-past.ts"
import type { SyncProgress } from "../../schema/history-sync.ts"
import type { PoolOutcome } from "../../schema/outcome.ts"
import type { PageState } from "../../schema/page-state.ts"
import type { ReviewPlan } from "../../schema/plan.ts"
import type { HistoryRoom, Retention } from "../../schema/retention.ts"
import type { ApplianceFilesService } from "../appliance-files/types.ts"
import type { LibraryService } from "../library/types.ts"
import type { PrepareService } from "../rollout/prepare.ts"
import type { RolloutsService } from "../rollout/types.ts"
import type { CarriedDigests } from "../runner-install/carried-digests.ts"
import type { SecretBox } from "../signing/secret-box.ts"
import type { FleetService } from "./fleet-service.ts"
import type { SigningService } from "./signing-service.ts"

/** A question before it has an id. */
export type QuestionBody = Question extends infer Q ? (Q extends Question ? Omit<Q, "id"> : never) : never

/** What opening a connection needs from the services. */
type ConnectDeps = {
	/** Asks a person; a question that nobody can answer comes back as `refuse`. */
	ask(question: QuestionBody, gone?: AbortSignal): Promise<Answer>
	/** Ends the attempt with failure `cancelled`. */
	signal?: AbortSignal
	/** See `SessionDeps`. */
	isAwaited?: () => boolean
	/** What is brought to the appliance before its runner answers, in bytes. */
	onProgress?: (progress: ConnectProgress) => void
	/** May be called before the runner has greeted: what is asked then takes no time of its own. */
	onStarted?: (port: RunnerPort) => void
}

export type ConnectProgress = { step: string; sentBytes: number; totalBytes: number }

/** A runner that answers, and where it is known what the connection to it turned out to be. */
export type Connected = RunnerPort & { session?: z.input<typeof connectionFactsSchema> }

/** Opens a connection to an appliance; fails with `FailureError` only. */
export type Connect = (appliance: Appliance, deps: ConnectDeps) => Promise<Connected>

export type DemoFleet = { appliances: Appliance[]; folder: string; close(): Promise<void> }

export type ServicesOptions = {
	/** Where everything of this user lives; made when it does not exist (0700). */
	dataFolder: string
	host: "electron" | "browser" | "cli"
	version: string
	/** The built `hotfix-runner.cjs` that is brought to the appliances. */
	runnerBundle: string
	/** Node runtimes for appliances without one, as `build/runtimes.mjs` lays them down; none are brought when absent. */
	runtimesFolder?: string
	/** Of both, where an installer says what it carries; others are not used. */
	carriedDigests?: CarriedDigests
	/** Node for the demo's appliances; this program itself when absent, which a packaged Electron refuses to be. */
	nodeProgram?: string
	/** Replaces `~/.ssh/known_hosts`. */
	knownHosts?: string
	/** The user's own SSH configuration: `~/.ssh/config` when absent, null for none. */
	sshConfig?: string | null | undefined
	/** False: nobody is there to answer, every question is refused at once. True when absent. */
	asks?: boolean
	/** The host's own dialog for a folder. */
	pickFolder?: () => Promise<string | undefined>
	/** The system's keychain, which keeps keys to sign by; without it none is made and none of those opened. */
	secretBox?: SecretBox
	/** Starts the embedded appliances of the demo; aborted, it leaves none and fails with `cancelled`. */
	startDemo?: (dataFolder: string, signal?: AbortSignal) => Promise<DemoFleet>
	/** Over SSH when absent; tests bring their own. */
	connect?: Connect
	/** One line for whoever reads the program's log; never holds a secret. */
	log?: (line: string) => void
}

export interface StateService {
	snapshot(): DesktopState
	/** The snapshot, then changes numbered without a gap; a reader too slow for them gets a new snapshot. */
	follow(signal?: AbortSignal): AsyncIterable<StateChange>
}

/** What the page keeps from one start to the next. */
export interface PageStateService {
	read(): PageState
	/** Takes over what is named; resolves when it is on disk. */
	keep(change: PageState): Promise<void>
	/** Waits until all is on disk. */
	close(): Promise<void>
}

export interface QuestionsService {
	/** Answers an open question; `not-found` when it is closed already. */
	answer(id: string, answer: Answer): void
	open(): Question[]
}

export interface AppliancesService {
	list(): ApplianceState[]
	/** Adds (no `id`), changes or, after a removal, brings back an appliance of the fleet. */
	save(appliance: Omit<Appliance, "id"> & { id?: string | undefined }): ApplianceState
	remove(id: string): void
	test(id: string, signal?: AbortSignal): Promise<ApplianceState>
	/** `signal` ends a start under way, unless somebody else waits for it too. */
	addDemo(signal?: AbortSignal): Promise<{ appliances: ApplianceState[]; folder: string }>
	/**
	 * An appliance for this program's life only, not saved in the fleet; its id works in every call that takes one.
	 * Where `id` says one of the fleet, or it has one with the same user, host and port (by the same way, if there is
	 * one), it is that one's id and name (so that history stays together), reached as is given here.
	 */
	adHoc(appliance: Omit<Appliance, "id" | "name"> & { id?: string; name?: string }): Appliance
}

export type Browsed = {
	folder: string
	parent?: string
	entries: { name: string; path: string; isModule: boolean }[]
}

export interface ModulesService {
	/** Reads the folder anew and remembers it as recent (not in the command line). */
	open(folder: string): Promise<OpenModule>
	pick(): Promise<{ folder?: string }>
	browse(folder: string): Promise<Browsed>
	forget(folder: string): void
}

type PlanRequest = {
	folder: string
	applianceId: string
	pools?: string[] | undefined
	force?: boolean | undefined
	allowDowngrade?: boolean | undefined
}

export type StartRequest = {
	folder: string
	applianceIds: string[]
	pools?: string[] | undefined
	force?: boolean | undefined
	allowDowngrade?: boolean | undefined
	kind?: "apply" | "rehearse"
	/** Rehearsal: first make a customer-like change to each existing destination. */
	modify?: boolean
	/** Replaces each pool's time limit per command. */
	timeoutSeconds?: number
	/**
	 * Digests of the plans that were looked at, by appliance: where the run would do anything else, or none is named, it is
	 * not started (`plan-changed`). Absent: nobody wanted to look.
	 */
	plans?: Record<string, string> | undefined
}

export type RevertOnRequest = {
	applianceId: string
	pool: string
	/** Back to what stood before this run; the newest one that applied the pool when absent. */
	run?: string | undefined
	/** Back to the customer's original instead. */
	original?: boolean
	/** Also where somebody changed a destination since. */
	force?: boolean
}

export interface RunsService {
	/** What a run would do; its digest names it in a `start`. */
	plan(request: PlanRequest, signal?: AbortSignal): Promise<ReviewPlan>
	/**
	 * One run on each appliance; answers at once, in the order of `applianceIds`. Fails with `module-faulty` (findings)
	 * or `not-found`; what goes wrong with one appliance is that run's `not-started`.
	 */
	start(request: StartRequest): Promise<DesktopRun[]>
	/**
	 * Puts one applied pool back, as a run of its own; answers at once. Its module is known once it has started. What goes
	 * wrong before that, a destination that somebody changed for example, is its `not-started`.
	 */
	revert(request: RevertOnRequest): DesktopRun
	/**
	 * Before the run has started: it does not. After: it stops at the next safe point; resolves when that is asked for, also
	 * where the appliance cannot be reached just now and is asked as soon as it can. Of a run that has ended: nothing.
	 */
	cancel(id: string): Promise<void>
	get(id: string): DesktopRun
	/** The run's events with `seq > after`: the record first, then live; ends as `ended` does. */
	follow(id: string, after?: number, signal?: AbortSignal): AsyncIterable<AnyEvent>
	/**
	 * Resolves when the run is `finished` or `not-started`; in the command line also when it is `lost` and no further
	 * attempt can succeed without a person.
	 */
	ended(id: string): Promise<DesktopRun>
}

export type HistoryFilter = {
	pool?: string | undefined
	applianceId?: string | undefined
	moduleName?: string | undefined
	outcome?: PoolOutcome | undefined
	/** Words of what the pool said: its commands' output, and why it failed. */
	text?: string | undefined
	limit?: number
}

export interface HistoryService {
	/** What this desktop knows; newest first. */
	pools(filter: HistoryFilter): { results: PoolResult[]; total: number }
	/** What they can be filtered by. */
	choices(): HistoryChoices
	/** Where every pool stands on every appliance. */
	grid(filter: Omit<HistoryFilter, "limit">): HistoryGrid
	/** How results went over time, and the newest of them one by one. */
	course(filter: Omit<HistoryFilter, "limit">): HistoryCourse
	/** Why pools failed, the most frequent cause first, and how many failures that are: `MOST_COMPARED` of them at most. */
	causes(filter: Omit<HistoryFilter, "limit">): { causes: FailureCause[]; failures: number }
	/** What became of every pool in these runs, by the desktop's ids. */
	ofRuns(runs: readonly string[]): PoolResult[]
	/** How long the pools of a module took to be applied on any appliance, newest first. */
	durations(moduleName: string): PoolDuration[]
	/** Takes over what the appliance itself remembers and this desktop has not seen. */
	sync(applianceId: string, signal?: AbortSignal): Promise<{ added: number }>
	/**
	 * A person knows why its history is not the one that was seen: from now on it is as it is there now. Not where something
	 * else is wrong by now than `fault`: that is told instead.
	 */
	acceptPast(applianceId: string, fault: PastFault, signal?: AbortSignal): Promise<{ added: number }>
	/** As `sync` does, of every appliance of the fleet, several at once; one that fails stops no other. */
	syncAll(signal?: AbortSignal): AsyncIterable<SyncProgress>
	room(): HistoryRoom
	/** Clears away at once what is too much now. */
	keep(retention: Retention): HistoryRoom
	/** The appliance's own history, newest first; nothing is stored. */
	fetch(applianceId: string, filter: { pool?: string; limit?: number }, signal?: AbortSignal): Promise<HistoryRun[]>
}

/** The desktop's services: Electron, browser host and command line use the same ones. */
export interface Services {
	info: { version: string; host: "electron" | "browser" | "cli"; dataFolder: string; home: string }
	state: StateService
	pageState: PageStateService
	questions: QuestionsService
	appliances: AppliancesService
	applianceFiles: ApplianceFilesService
	fleet: FleetService
	modules: ModulesService
	library: LibraryService
	signing: SigningService
	runs: RunsService
	rollouts: RolloutsService
	history: HistoryService
	preparation: PrepareService
	/** One line for whoever looks for a fault; never a secret. */
	log(line: string): void
	/** Ends connections, not runs; forgets every secret. */
	close(): Promise<void>
}

export type CreateServices = (options: ServicesOptions) => Promise<Services>
