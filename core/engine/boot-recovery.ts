import type { EngineOptions } from "./engine.ts"

/** What a recovery at the next boot has to know. */
export type BootRecoveryPlace = Pick<EngineOptions, "stateFolder" | "logFile">

/**
 * Makes a host recover by itself at its next boot, with nobody connected. A host that cannot do that at all does nothing
 * and says nothing. Both never reject: they resolve to why it did not work, on a host where it should have.
 */
export interface BootRecovery {
	/** When it resolves, everything is on disk: a power cut right afterwards finds it. May be repeated. */
	arm(place: BootRecoveryPlace): Promise<string | undefined>
	/** Takes away what `arm` made, also in an earlier process. Not synced: at a boot that still finds it nothing is open. */
	disarm(place: BootRecoveryPlace): Promise<string | undefined>
}

/** For hosts that do not boot: embedded appliances, images, tests. */
export const noBootRecovery: BootRecovery = {
	arm: async () => undefined,
	disarm: async () => undefined,
}
