import type { Appliance } from "../../schema/appliance.ts"

/** An appliance as the fleet has it now, at the address where a rollout met it: at another one may be another machine. */
export function asMet(now: Appliance, { host, port, jump }: Appliance): Appliance {
	const { jump: _, ...rest } = now
	return { ...rest, host, port, ...(jump !== undefined && { jump }) }
}
