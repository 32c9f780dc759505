import { isStraight } from "../../schema/address.ts"
import type { Appliance } from "../../schema/appliance.ts"

type Identified = Pick<Appliance, "name" | "user" | "host" | "port" | "jump">

/** Its name, and its place: behind another jump host the same address is another machine. */
export function identitiesOf({ name, user, host, port, jump }: Identified): string[] {
	return [`name ${name}`, `place ${user}@${host.toLowerCase()}:${port} ${isStraight(jump) ? "" : jump}`]
}

/** What an appliance has that it had not: what it shares with another one already is no reason to refuse it. */
export function newIdentitiesOf(appliance: Identified, was: Identified | undefined): string[] {
	const had = was ? identitiesOf(was) : []
	return identitiesOf(appliance).filter((identity) => !had.includes(identity))
}
