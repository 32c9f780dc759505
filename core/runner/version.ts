declare const __VERSION__: string | undefined

/** The runner's version; the build puts it in, a run from the sources has none. */
export const version = typeof __VERSION__ === "string" ? __VERSION__ : "0.0.0-sources"
