import { execFileSync, spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { onTestFinished } from "vitest"
import type { OpenQuestion } from "../../../core/fleet/ssh/asker.ts"
import { createSshConfig } from "../../../core/fleet/ssh/config/ssh-config.ts"
import { createCredentials } from "../../../core/fleet/ssh/credentials.ts"
import { createKnownHosts } from "../../../core/fleet/ssh/known-hosts.ts"
import { openSession, type Session, type SessionDeps } from "../../../core/fleet/ssh/session.ts"
import type { Appliance } from "../../../core/schema/appliance.ts"
import type { Answer } from "../../../core/schema/desktop.ts"
import type { Failure } from "../../../core/schema/failure.ts"
import { poll } from "../appliances/command.ts"
import type { PlainSshd } from "../appliances/plain-sshd.ts"

/** A person who gives these answers, one after the other, and then none; every question is kept. */
export function makeAsker(...answers: (Answer | ((gone?: AbortSignal) => Promise<Answer>))[]) {
	const asked: OpenQuestion[] = []
	const left = [...answers]
	return {
		asked,
		async ask(question: OpenQuestion, gone?: AbortSignal): Promise<Answer> {
			asked.push(question)
			const answer = left.shift() ?? { kind: "refuse" }
			return typeof answer === "function" ? answer(gone) : answer
		},
	}
}

export const trust: Answer = { kind: "trust" }
export const refuse: Answer = { kind: "refuse" }
export const secret = (text: string): Answer => ({ kind: "secret", secret: text })

export function applianceOf(
	sshd: { host: string; port: number; user: string },
	changes: Partial<Appliance> = {},
): Appliance {
	const { host, port, user } = sshd
	return {
		id: "a",
		name: "alpha",
		host,
		port,
		user,
		signIn: { method: "agent" },
		become: "none",
		tags: [],
		notes: "",
		...changes,
	}
}

export const withKey = (sshd: PlainSshd, path = sshd.identities.ed25519 ?? ""): Appliance =>
	applianceOf(sshd, { signIn: { method: "key", path } })

/** Everything a session needs, in an empty folder that goes with the test. The server's keys are known unless said. */
export async function makeAccess(known: { knownHosts: string } | undefined, changes: Partial<SessionDeps> = {}) {
	const folder = await mkdtemp(join(tmpdir(), "access-"))
	onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 20 }))
	const ownFile = join(folder, "known_hosts")
	const knownHosts = createKnownHosts({ ownFile, files: known ? [known.knownHosts] : [] })
	return { folder, ownFile, knownHosts, credentials: createCredentials(), agentSocket: null, ...changes }
}

/** An SSH configuration of these words, for a home in the test's own folder. */
export async function makeSshConfig(folder: string, text: string) {
	const file = join(folder, "ssh_config")
	await writeFile(file, text, { mode: 0o600 })
	return createSshConfig({ file, home: folder })
}

/** How the configuration names a server: by an alias, with its own user, port and key. */
export function hostBlock(alias: string, sshd: PlainSshd, ...more: string[]): string {
	const key = `IdentityFile ${sshd.identities.ed25519}`
	const lines = [`HostName ${sshd.host}`, `Port ${sshd.port}`, `User ${sshd.user}`, key, ...more]
	return `Host ${alias}\n  ${lines.join("\n  ")}\n`
}

/** One known_hosts file for several servers. */
export async function knowAll(folder: string, ...servers: PlainSshd[]): Promise<{ knownHosts: string }> {
	const knownHosts = join(folder, "known_by_all")
	await writeFile(knownHosts, `${servers.flatMap(({ hostKeyLines }) => hostKeyLines).join("\n")}\n`)
	return { knownHosts }
}

/** Opens a session that ends with the test. */
export async function open(appliance: Appliance, deps: SessionDeps): Promise<Session> {
	const session = await openSession(appliance, deps)
	onTestFinished(() => session.close())
	return session
}

/** An agent of the test's own that holds these keys; answers with its socket. */
export async function startAgent(folder: string, ...keys: string[]): Promise<string> {
	const socket = join(folder, "agent")
	const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" })
	onTestFinished(() => void agent.kill())
	await poll("the agent listens", 10, () => existsSync(socket) || undefined)
	const env = { ...process.env, SSH_AUTH_SOCK: socket }
	for (const key of keys) execFileSync("ssh-add", ["-q", key], { env })
	return socket
}

/** What it failed with; throws when it did not, or not in a typed way. */
export async function failureOf(work: Promise<unknown>): Promise<Failure> {
	const error = await work.then(
		(value) => {
			throw new Error(`it did not fail but gave ${JSON.stringify(value)}`)
		},
		(error) => error,
	)
	if (!("failure" in error)) throw error
	return error.failure
}

/** A command's whole output and end. */
export async function outputOf(session: Session, command: string) {
	const program = await session.exec(command)
	const chunks: Uint8Array[] = []
	for await (const chunk of program.read) chunks.push(chunk)
	return { stdout: Buffer.concat(chunks), stderr: program.stderr(), end: await program.ended }
}
