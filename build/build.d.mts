/** See build.mjs. */
export function build(names?: string[]): Promise<void>
