/** Something that must never be; each line says what differs. */
export class Violation extends Error {
	readonly lines: string[]

	constructor(lines: string[]) {
		super(lines.join("\n"))
		this.lines = lines
	}
}

/** Throws a `Violation` unless both are the same. */
export function expectSame(what: string, expected: unknown, found: unknown): void {
	const [one, other] = [JSON.stringify(expected), JSON.stringify(found)]
	if (one !== other) throw new Violation([`${what} is ${other}, not ${one}`])
}
