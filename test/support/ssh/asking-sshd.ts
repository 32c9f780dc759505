import { spawn } from "node:child_process"
import { generateKeyPairSync } from "node:crypto"
import { once } from "node:events"
import ssh2, { type AuthContext, type Connection, type KeyboardAuthContext, type Prompt } from "ssh2"
import { onTestFinished } from "vitest"
import { writeOpenSshEd25519 } from "../../../core/fleet/ssh/pkcs8.ts"

/** What the server asks at once, and which answers let its user go on. */
export interface Round {
	title?: string
	text?: string
	prompts: Prompt[]
	isRight?: (answers: string[]) => boolean
}

/**
 * A server in this process that asks at sign-in, with any number of questions in any words: for that a real sshd needs
 * PAM modules that Debian's base system does not have. It takes any key where it asks for one first. Commands answer
 * `ok`, or are run with `env` where that is given; every answer it got is kept.
 */
export async function startAskingSshd(options: {
	methods: string[]
	rounds: Round[]
	patienceMs?: number
	env?: Record<string, string>
}) {
	const { env } = options
	const hostKey = writeOpenSshEd25519(generateKeyPairSync("ed25519").privateKey)
	const received: string[][] = []
	const connections = new Set<Connection>()
	const server = new ssh2.Server({ hostKeys: [hostKey] }, (connection) => {
		connections.add(connection)
		if (options.patienceMs !== undefined) setTimeout(() => connection.end(), options.patienceMs).unref()
		const left = [...options.methods]
		connection
			.on("error", () => undefined)
			.on("close", () => connections.delete(connection))
			.on("authentication", (context) => judge(context, left, options.rounds, received))
			.on("ready", () =>
				connection.on("session", (accept) =>
					accept().on("exec", (take, _, { command }) => (env ? run(take(), command, env) : answer(take()))),
				),
			)
	})
	server.listen(0, "127.0.0.1")
	await once(server, "listening")
	onTestFinished(() => {
		for (const connection of connections) connection.end()
		server.close()
	})
	const address = server.address()
	const port = typeof address === "object" && address ? address.port : 0
	return { host: "127.0.0.1", port, user: "owner", received }
}

/** The methods one after the other, as `AuthenticationMethods` has it. */
function judge(context: AuthContext, left: string[], rounds: Round[], received: string[][]): void {
	if (context.method !== left[0]) context.reject(left.slice(0, 1) as [])
	else if (context.method === "keyboard-interactive") ask(context, left, rounds, received)
	else if (context.method === "publickey" && !context.signature) context.accept()
	else pass(context, left)
}

function ask(context: KeyboardAuthContext, left: string[], [round, ...more]: Round[], received: string[][]): void {
	if (!round) {
		pass(context, left)
		return
	}
	const { prompts, title = "", text = "", isRight = () => true } = round
	context.prompt(prompts, title, text, (answers) => {
		received.push(answers)
		if (isRight(answers)) ask(context, left, more, received)
		else context.reject(left.slice(0, 1) as [])
	})
}

function pass(context: AuthContext, left: string[]): void {
	left.shift()
	if (left.length === 0) context.accept()
	else context.reject(left.slice(0, 1) as [], true)
}

function answer(stream: ssh2.ServerChannel): void {
	stream.write("ok\n")
	stream.exit(0)
	stream.end()
}

function run(channel: ssh2.ServerChannel, command: string, env: Record<string, string>): void {
	const program = spawn("/bin/sh", ["-c", command], { env, cwd: "/" })
	channel.on("error", () => undefined).on("close", () => program.stdin.destroy())
	program.stdin.on("error", () => undefined)
	channel.pipe(program.stdin)
	program.stdout.pipe(channel, { end: false })
	program.stderr.pipe(channel.stderr, { end: false })
	program.on("close", (exit) => {
		channel.exit(exit ?? 255)
		channel.end()
	})
}
