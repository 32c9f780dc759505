import type { Failure } from "../schema/failure.ts"
import type { StatedModule } from "../schema/module-statement.ts"

/**
 * Whether this host runs a module. Asked for every run before it begins, whoever asks for it; never for the way back.
 * Resolves to why not. What is answered holds for the manifest's own text and digests, which nothing can change meanwhile.
 */
export type Trust = (module: StatedModule, signatures: string | undefined) => Promise<Failure | undefined>

/** For tests: programs that run on an appliance have trusted keys (`core/runner/trust`). */
export const trustsEverything: Trust = async () => undefined
