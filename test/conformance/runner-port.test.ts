import { createLocalPlace, createStdioPlace } from "./places.ts"
import { runnerPortConformance } from "./runner-port-conformance.ts"

/** The account without any rights that every system has. */
const NOBODY = 65534

runnerPortConformance("in this process", createLocalPlace)
runnerPortConformance("the bundle over standard input and output", () => createStdioPlace())
// Not root already: then the suite above is this one.
if (process.geteuid?.() === 0) runnerPortConformance("the bundle, without root", () => createStdioPlace(NOBODY))
