declare const __VERSION__: string | undefined

/** Whether this is the program that is uploaded. Run from its sources it is a developer's or a test's. */
export const isBuilt = typeof __VERSION__ === "string"

/** The runner's version; the build puts it in, a run from the sources has none. */
export const version = typeof __VERSION__ === "string" ? __VERSION__ : "0.0.0-sources"
