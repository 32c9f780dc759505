import { createLocalPlace, createRootedPlace, createStdioPlace } from "./places.ts"
import { runnerFilesConformance } from "./runner-files-conformance.ts"

const NOBODY = 65534

runnerFilesConformance("in this process", createLocalPlace)
runnerFilesConformance("in this process, with a folder for its root", createRootedPlace)
runnerFilesConformance("the bundle over standard input and output", () => createStdioPlace())
if (process.geteuid?.() === 0) runnerFilesConformance("the bundle, without root", () => createStdioPlace(NOBODY))
