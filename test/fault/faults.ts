import type { Host, OpenFile } from "../../core/engine/host.ts"

/** Called before each call of a host, counted from 1; throws for one that shall fail. */
export type BeforeCall = (call: number, name: string, path: string, bytes?: unknown) => void

/** A host all of whose calls to the disk, for attributes and for commands are counted, and may fail. */
export function withFaults<T extends Host>(host: T, before: BeforeCall): T {
	let calls = 0
	const pass = (name: string, path: string, bytes?: unknown) => before(++calls, name, path, bytes)
	return {
		...host,
		disk: wrap(host.disk, pass, (opened, path) => wrap(opened, (name, _, bytes) => pass(`file.${name}`, path, bytes))),
		attributes: wrap(host.attributes, (name, path) => pass(`attributes.${name}`, path)),
		shell: {
			...host.shell,
			open: async (options: Parameters<Host["shell"]["open"]>[0]) => {
				const shell = await host.shell.open(options)
				return {
					...shell,
					run: async (command: string) => {
						pass("shell", command)
						return shell.run(command)
					},
				}
			},
		},
	}
}

/** Fails one call with a system error; all others pass. */
export function failAt(failing: number, code: string): BeforeCall {
	return (call, name, path) => {
		if (call === failing) throw Object.assign(new Error(`${code}: ${name} ${path}`), { code })
	}
}

/** An error that comes when the call has done all that it should. */
class LateError extends Error {
	readonly code = "EIO"
}

/** Fails a record's commit: its write, though all of it was written, or its sync, which then has done nothing. */
export function failCommit(type: string, call: "write" | "sync"): BeforeCall {
	let isDue = false
	let isDone = false
	return (_, name, path, bytes) => {
		if (isDone || !path.endsWith("/journal.jsonl")) return
		if (name === "file.write") isDue = Buffer.from(bytes as Uint8Array).includes(`"type":"${type}"`)
		if (!isDue || name !== `file.${call}`) return
		isDone = true
		throw call === "write" ? new LateError("EIO") : Object.assign(new Error("EIO"), { code: "EIO" })
	}
}

/** From this call on nothing can be written any more. */
export function failFrom(first: number, code: string): BeforeCall {
	return (call, name, path) => {
		if (call >= first && isWriting(name)) throw Object.assign(new Error(`${code}: ${name} ${path}`), { code })
	}
}

function isWriting(name: string): boolean {
	return /^(file\.(write|truncate|set\w+|sync)|make\w+|remove\w*|rename|link|clone|setTimes|attributes\.(take|give|find))$/.test(
		name,
	)
}

function wrap<T extends object>(
	port: T,
	pass: (name: string, path: string, first?: unknown) => void,
	opened?: (file: OpenFile, path: string) => OpenFile,
): T {
	const wrapped: Record<string, unknown> = {}
	for (const [name, method] of Object.entries(port)) {
		if (typeof method !== "function") {
			wrapped[name] = method
			continue
		}
		wrapped[name] = async (...args: unknown[]) => {
			try {
				// A written content as a text would take a third of the whole suite's time.
				pass(name, typeof args[0] === "string" ? args[0] : "", args[0])
			} catch (error) {
				// An error of closing comes when the file is closed already.
				if (name === "close" || error instanceof LateError) await method.apply(port, args)
				throw error
			}
			const result: unknown = await method.apply(port, args)
			return name === "open" && opened ? opened(result as OpenFile, String(args[0])) : result
		}
	}
	return wrapped as T
}
